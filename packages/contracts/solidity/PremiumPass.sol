// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {IPremiumPass} from "./interfaces/IPremiumPass.sol";

/// @title A subscription for a time, paid in BTT.
/// @dev No token ever lies here: payments go from payer to treasury. The owner can announce prices, nothing else.
contract PremiumPass is IPremiumPass, Ownable2Step, ReentrancyGuard {
    using SafeERC20 for IERC20;

    /// @notice What a month is.
    uint256 public constant MONTH_SECONDS = 30 days;
    /// @notice How far ahead one can subscribe: ten years, in months.
    uint256 public constant MAX_MONTHS = 120;
    /// @notice How long before it is valid a price is announced.
    uint256 public constant NOTICE_SECONDS = 7 days;

    /// @notice The token of payment.
    IERC20 public immutable token;
    /// @notice Who is paid.
    address public immutable treasury;

    /// @inheritdoc IPremiumPass
    mapping(address account => uint256) public expiresAt;
    /// @notice The price announced last, in wei for a month.
    uint256 public announcedPrice;
    /// @notice From when the announced price is valid, in seconds since 1970.
    uint256 public announcedFrom;

    uint256 private _formerPrice;

    /// @param owner_ Who announces prices.
    /// @param pricePerMonth_ First price, in wei.
    constructor(IERC20 token_, address treasury_, address owner_, uint256 pricePerMonth_) Ownable(owner_) {
        if (address(token_) == address(0) || treasury_ == address(0)) revert ZeroAddress();
        if (pricePerMonth_ == 0) revert PriceOutOfBounds(0, 1, type(uint256).max);
        token = token_;
        treasury = treasury_;
        announcedPrice = pricePerMonth_;
        announcedFrom = block.timestamp;
        emit PriceAnnounced(pricePerMonth_, block.timestamp);
    }

    /// @inheritdoc IPremiumPass
    function subscribe(uint256 months, uint256 maximumCost) external nonReentrant {
        _subscribe(msg.sender, months, maximumCost);
    }

    /// @inheritdoc IPremiumPass
    function subscribeWithPermit(
        uint256 months,
        uint256 maximumCost,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        // Whoever brought the permit before left the allowance, which is what counts.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), maximumCost, deadline, v, r, s) {} catch {}
        _subscribe(msg.sender, months, maximumCost);
    }

    /// @inheritdoc IPremiumPass
    function gift(address account, uint256 months, uint256 maximumCost) external nonReentrant {
        if (account == address(0)) revert ZeroAddress();
        _subscribe(account, months, maximumCost);
    }

    /// @inheritdoc IPremiumPass
    function announcePrice(uint256 pricePerMonth_) external onlyOwner {
        if (block.timestamp < announcedFrom) revert ChangePending(announcedFrom);
        uint256 present = announcedPrice;
        uint256 minimum = present / 2 + (present % 2);
        if (pricePerMonth_ < minimum || pricePerMonth_ > present * 2) {
            revert PriceOutOfBounds(pricePerMonth_, minimum, present * 2);
        }
        _formerPrice = present;
        announcedPrice = pricePerMonth_;
        announcedFrom = block.timestamp + NOTICE_SECONDS;
        emit PriceAnnounced(pricePerMonth_, announcedFrom);
    }

    /// @inheritdoc IPremiumPass
    function isActive(address account) external view returns (bool) {
        return block.timestamp < expiresAt[account];
    }

    /// @inheritdoc IPremiumPass
    function pricePerMonth() public view returns (uint256) {
        return block.timestamp < announcedFrom ? _formerPrice : announcedPrice;
    }

    /// @dev What is left of a subscription is kept: the new months follow it.
    function _subscribe(address account, uint256 months, uint256 maximumCost) private {
        if (months == 0 || months > MAX_MONTHS) revert InvalidMonths(months);
        uint256 cost = pricePerMonth() * months;
        if (cost > maximumCost) revert CostAboveMaximum(cost, maximumCost);
        uint256 current = expiresAt[account];
        uint256 until = (current > block.timestamp ? current : block.timestamp) + months * MONTH_SECONDS;
        uint256 latest = block.timestamp + MAX_MONTHS * MONTH_SECONDS;
        if (until > latest) revert TooFarAhead(until, latest);
        expiresAt[account] = until;
        emit Subscribed(account, msg.sender, months, cost, until);
        token.safeTransferFrom(msg.sender, treasury, cost);
    }
}
