// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITokenHolder} from "./ITokenHolder.sol";

/// @title A subscription for a time, paid in BTT.
/// @notice Whole months of 30 days, for oneself or as a gift. What has been paid for cannot be taken away, and a price
/// changes only with a week's notice, by a factor of two at most.
interface IPremiumPass is ITokenHolder {
    /// @notice `payer` paid `cost`: `account` is subscribed until `expiresAt` (seconds since 1970).
    event Subscribed(
        address indexed account, address indexed payer, uint256 months, uint256 cost, uint256 expiresAt
    );

    /// @notice From `validFrom` (seconds since 1970) on a month costs `pricePerMonth`.
    event PriceAnnounced(uint256 pricePerMonth, uint256 validFrom);

    /// @notice An address that must not be zero is.
    error ZeroAddress();

    /// @notice None, or more months than can be subscribed ahead.
    error InvalidMonths(uint256 months);

    /// @notice It would reach too far into the future.
    error TooFarAhead(uint256 expiresAt, uint256 latest);

    /// @notice The cost is above what the payer was ready to pay.
    error CostAboveMaximum(uint256 cost, uint256 maximum);

    /// @notice The price would change by more than a factor of two, or to zero.
    error PriceOutOfBounds(uint256 pricePerMonth, uint256 minimum, uint256 maximum);

    /// @notice A change is under way until `validFrom`.
    error ChangePending(uint256 validFrom);

    /// @notice Subscribes the caller for `months` more.
    /// @param maximumCost The most to pay, in wei.
    function subscribe(uint256 months, uint256 maximumCost) external;

    /// @notice As `subscribe`, with the caller's ERC-2612 permit over `maximumCost`.
    function subscribeWithPermit(
        uint256 months,
        uint256 maximumCost,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Subscribes `account` for `months` more; the caller pays.
    function gift(address account, uint256 months, uint256 maximumCost) external;

    /// @notice Announces a price, which is valid a week later; the owner alone.
    function announcePrice(uint256 pricePerMonth_) external;

    /// @notice Price of a month now, in wei.
    function pricePerMonth() external view returns (uint256);

    /// @notice When `account`'s subscription ends, in seconds since 1970; 0 if it never had one.
    function expiresAt(address account) external view returns (uint256);

    /// @notice Whether `account` is subscribed now.
    function isActive(address account) external view returns (bool);
}
