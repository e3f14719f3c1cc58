// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {VestingWallet} from "@openzeppelin/contracts/finance/VestingWallet.sol";
import {VestingWalletCliff} from "@openzeppelin/contracts/finance/VestingWalletCliff.sol";

/// @title Tokens that become their owner's bit by bit.
/// @notice Nothing before the cliff; from there on the part of the duration that has passed. Anybody may call
/// `release(token)`, which pays the owner. The owner may hand the rest to another (`transferOwnership`); nobody can
/// take it back or make it faster.
contract Vesting is VestingWalletCliff {
    /// @param beneficiary First owner.
    /// @param startSeconds When the schedule begins, in seconds since 1970.
    /// @param durationSeconds When it ends, counted from the start.
    /// @param cliffSeconds Until when nothing is paid, counted from the start.
    constructor(address beneficiary, uint64 startSeconds, uint64 durationSeconds, uint64 cliffSeconds)
        VestingWallet(beneficiary, startSeconds, durationSeconds)
        VestingWalletCliff(cliffSeconds)
    {}
}
