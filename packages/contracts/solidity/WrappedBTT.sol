// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {PaymentToken} from "./token/PaymentToken.sol";

/// @title BTT as an ERC-20 where BTT is the native coin.
/// @notice One wrapped token for one coin of this contract's balance, in both directions, at any time.
/// What is burned stays here as coins that no function can pay out: burned is `lockedForever`.
contract WrappedBTT is PaymentToken {
    using Address for address payable;

    /// @notice `value` coins came from `from` and were wrapped for `to`.
    event Wrapped(address indexed from, address indexed to, uint256 value);

    /// @notice `value` tokens of `from` were unwrapped and paid to `to` as coins.
    event Unwrapped(address indexed from, address indexed to, uint256 value);

    constructor() PaymentToken("Wrapped BTT", "WBTT") {}

    /// @notice Coins sent without a call are wrapped for their sender.
    receive() external payable {
        _wrap(msg.sender);
    }

    /// @notice Wraps the coins sent along for the caller.
    function deposit() external payable {
        _wrap(msg.sender);
    }

    /// @notice Wraps the coins sent along for `to`.
    function depositTo(address to) external payable {
        _wrap(to);
    }

    /// @notice Pays `value` coins for as many of the caller's tokens.
    function withdraw(uint256 value) external {
        _unwrap(payable(msg.sender), value);
    }

    /// @notice Pays `value` coins to `to` for as many of the caller's tokens.
    function withdrawTo(address payable to, uint256 value) external {
        _unwrap(to, value);
    }

    /// @notice Coins here that no token stands for: of tokens that were burned, or forced upon the contract.
    function lockedForever() external view returns (uint256) {
        return address(this).balance - totalSupply();
    }

    function _wrap(address to) private {
        emit Wrapped(msg.sender, to, msg.value);
        _mint(to, msg.value);
    }

    /// @dev The tokens are gone before the coins leave, and nothing follows: to enter again gains nothing.
    function _unwrap(address payable to, uint256 value) private {
        if (to == address(this)) revert ERC20InvalidReceiver(to);
        _burn(msg.sender, value);
        emit Unwrapped(msg.sender, to, value);
        to.sendValue(value);
    }
}
