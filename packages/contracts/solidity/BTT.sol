// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PaymentToken} from "./token/PaymentToken.sol";

/// @title BTT on its home network.
/// @notice 10,000,000,000 BTT of 18 decimals exist once, minted here and never again. On other networks
/// BTT is bridged, or wrapped where it is the native coin (`WrappedBTT`).
contract BTT is PaymentToken {
    /// @notice All BTT there will ever be, in wei.
    uint256 public constant TOTAL_SUPPLY = 10_000_000_000e18;

    /// @notice Recipients and amounts are not of the same number.
    error LengthMismatch(uint256 recipients, uint256 amounts);

    /// @notice The amounts add up to something else than the total supply.
    error SupplyMismatch(uint256 granted, uint256 supply);

    /// @param recipients Who gets the supply: one `Allocation`, or several named accounts.
    /// @param amounts In wei, in the same order; they add up to `TOTAL_SUPPLY` exactly.
    constructor(address[] memory recipients, uint256[] memory amounts) PaymentToken("BTT", "BTT") {
        if (recipients.length != amounts.length) revert LengthMismatch(recipients.length, amounts.length);
        for (uint256 i = 0; i < recipients.length; ++i) {
            _mint(recipients[i], amounts[i]);
        }
        if (totalSupply() != TOTAL_SUPPLY) revert SupplyMismatch(totalSupply(), TOTAL_SUPPLY);
    }
}
