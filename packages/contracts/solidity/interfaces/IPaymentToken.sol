// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title What every BTT of Shoal can do, minted at home or wrapped.
/// @notice ERC-20 with permit (ERC-2612), transfers by authorization (ERC-3009), and burning.
/// A transfer to the token contract itself reverts: nothing sent there could ever come back.
interface IPaymentToken is IERC20, IERC20Permit {
    /// @notice `authorizer` has spent `nonce`, by a transfer or by a receipt.
    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);

    /// @notice `authorizer` will not be held to what it signed under `nonce`.
    event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce);

    /// @notice The authorization starts after `validAfter`, which is not past.
    error AuthorizationNotYetValid(uint256 validAfter, uint256 timestamp);

    /// @notice The authorization ended at `validBefore`.
    error AuthorizationExpired(uint256 validBefore, uint256 timestamp);

    /// @notice `nonce` has been used or canceled.
    error AuthorizationSpent(address authorizer, bytes32 nonce);

    /// @notice The signature is by `recovered`, not by `authorizer`.
    error AuthorizationNotSigned(address authorizer, address recovered);

    /// @notice Only `payee` may take what is authorized to it.
    error CallerNotPayee(address caller, address payee);

    /// @notice Destroys `value` of the caller's tokens.
    function burn(uint256 value) external;

    /// @notice Destroys `value` of `account`'s tokens, out of the caller's allowance.
    function burnFrom(address account, uint256 value) external;

    /// @notice Whether `authorizer` has used or canceled `nonce`.
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool);

    /// @notice Transfers what `from` has signed; anybody may bring the signature (ERC-3009).
    /// @param validAfter Seconds since 1970; valid from the second after.
    /// @param validBefore Seconds since 1970; valid until the second before.
    /// @param nonce 32 bytes that `from` has not used, in any order.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice As `transferWithAuthorization`, called by `to` alone, so that nobody can take a contract's
    /// deposit apart by bringing the transfer first (ERC-3009).
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Spends a nonce of `authorizer` without a transfer (ERC-3009).
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external;
}
