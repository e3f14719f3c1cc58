// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ISale} from "./interfaces/ISale.sol";

/// @title The sale of the ICO tranche.
/// @dev Kept at all times: sold <= offered; what was sold and not claimed is here; until the sale has succeeded all
/// that was paid and not paid back is here.
contract Sale is ISale, ReentrancyGuard {
    using SafeERC20 for IERC20;
    using Address for address payable;

    /// @notice What `pricePerMillion` is the price of, in wei of BTT.
    uint256 public constant PRICED_AMOUNT = 1_000_000e18;

    /// @notice The token on sale.
    IERC20 public immutable token;
    /// @inheritdoc ISale
    IERC20 public immutable paymentToken;
    /// @notice Who gets what is raised, and what is not sold.
    address payable public immutable treasury;
    /// @notice How much is on sale, in wei of BTT.
    uint256 public immutable offered;
    /// @notice How much has to be raised, in units of the payment.
    uint256 public immutable softCap;

    /// @notice Sold so far, in wei of BTT.
    uint256 public sold;
    /// @notice Claimed so far, in wei of BTT.
    uint256 public claimed;
    /// @notice Paid so far, in units of the payment; refunds are not subtracted.
    uint256 public raised;
    /// @notice Whether the treasury has got what was raised.
    bool public collected;

    /// @notice Bought and not claimed, in wei of BTT.
    mapping(address buyer => uint256) public boughtBy;
    /// @notice Paid and not paid back, in units of the payment.
    mapping(address buyer => uint256) public paidBy;
    /// @notice Bought in a phase, in wei of BTT.
    mapping(uint256 phase => mapping(address buyer => uint256)) public boughtIn;

    Phase[] private _phases;

    /// @param token_ The token on sale; `offered_` of it has to be here before anybody can buy.
    /// @param paymentToken_ Zero for the native coin.
    /// @param treasury_ Must be able to take the native coin, where that is the payment.
    constructor(
        IERC20 token_,
        IERC20 paymentToken_,
        address payable treasury_,
        uint256 offered_,
        uint256 softCap_,
        Phase[] memory phases_
    ) {
        if (address(token_) == address(0) || treasury_ == address(0)) revert ZeroAddress();
        if (offered_ == 0) revert ZeroAmount();
        if (phases_.length == 0) revert InvalidPhase(0);
        uint256 earliest = block.timestamp;
        for (uint256 i = 0; i < phases_.length; ++i) {
            Phase memory phase = phases_[i];
            bool inOrder = phase.startSeconds >= earliest && phase.endSeconds > phase.startSeconds;
            if (!inOrder || phase.pricePerMillion == 0 || phase.capPerBuyer == 0) revert InvalidPhase(i);
            earliest = phase.endSeconds;
            _phases.push(phase);
        }
        token = token_;
        paymentToken = paymentToken_;
        treasury = treasury_;
        offered = offered_;
        softCap = softCap_;
    }

    /// @inheritdoc ISale
    function buy(uint256 amount, uint256 maximumCost) external payable nonReentrant {
        if (amount == 0) revert ZeroAmount();
        uint256 phase = currentPhase();
        uint256 bought = boughtIn[phase][msg.sender];
        uint256 left = _phases[phase].capPerBuyer - bought;
        if (amount > left) revert CapExceeded(phase, left, amount);
        if (amount > offered - sold) revert SoldOut(offered - sold, amount);
        uint256 balance = token.balanceOf(address(this));
        if (balance < offered) revert NotFunded(balance, offered);
        uint256 cost = costOf(phase, amount);
        if (cost > maximumCost) revert CostAboveMaximum(cost, maximumCost);
        boughtIn[phase][msg.sender] = bought + amount;
        boughtBy[msg.sender] += amount;
        paidBy[msg.sender] += cost;
        sold += amount;
        raised += cost;
        emit Bought(msg.sender, phase, amount, cost);
        _take(cost);
    }

    /// @inheritdoc ISale
    function claim(address buyer) external nonReentrant {
        _requireSuccess();
        uint256 amount = boughtBy[buyer];
        if (amount == 0) revert NothingDue();
        boughtBy[buyer] = 0;
        claimed += amount;
        emit Claimed(buyer, amount);
        token.safeTransfer(buyer, amount);
    }

    /// @inheritdoc ISale
    function refund(address buyer) external nonReentrant {
        _requireEnd();
        if (hasSucceeded()) revert Succeeded(raised, softCap);
        uint256 cost = paidBy[buyer];
        if (cost == 0) revert NothingDue();
        paidBy[buyer] = 0;
        boughtBy[buyer] = 0;
        emit Refunded(buyer, cost);
        _pay(payable(buyer), cost);
    }

    /// @inheritdoc ISale
    function collect() external nonReentrant {
        _requireSuccess();
        if (collected || raised == 0) revert NothingDue();
        collected = true;
        emit Collected(raised);
        _pay(treasury, raised);
    }

    /// @inheritdoc ISale
    function returnUnsold() external nonReentrant {
        _requireEnd();
        uint256 owed = hasSucceeded() ? sold - claimed : 0;
        uint256 amount = token.balanceOf(address(this)) - owed;
        if (amount == 0) revert NothingDue();
        emit UnsoldReturned(amount);
        token.safeTransfer(treasury, amount);
    }

    /// @notice A phase by its number.
    function phaseAt(uint256 index) external view returns (Phase memory) {
        return _phases[index];
    }

    /// @notice How many phases there are.
    function phaseCount() external view returns (uint256) {
        return _phases.length;
    }

    /// @inheritdoc ISale
    function costOf(uint256 phase, uint256 amount) public view returns (uint256) {
        return Math.mulDiv(amount, _phases[phase].pricePerMillion, PRICED_AMOUNT, Math.Rounding.Ceil);
    }

    /// @inheritdoc ISale
    function hasEnded() public view returns (bool) {
        return block.timestamp >= _phases[_phases.length - 1].endSeconds || sold == offered;
    }

    /// @inheritdoc ISale
    function hasSucceeded() public view returns (bool) {
        return raised >= softCap;
    }

    /// @inheritdoc ISale
    function currentPhase() public view returns (uint256) {
        for (uint256 i = 0; i < _phases.length; ++i) {
            if (block.timestamp >= _phases[i].startSeconds && block.timestamp < _phases[i].endSeconds) return i;
        }
        revert NoPhase(block.timestamp);
    }

    /// @dev Takes the payment exactly; coins beyond it go back to whoever sent them.
    function _take(uint256 cost) private {
        if (address(paymentToken) == address(0)) {
            if (msg.value < cost) revert WrongValue(msg.value, cost);
            if (msg.value > cost) payable(msg.sender).sendValue(msg.value - cost);
            return;
        }
        if (msg.value != 0) revert WrongValue(msg.value, 0);
        uint256 before = paymentToken.balanceOf(address(this));
        paymentToken.safeTransferFrom(msg.sender, address(this), cost);
        uint256 received = paymentToken.balanceOf(address(this)) - before;
        if (received != cost) revert PaymentShort(received, cost);
    }

    function _pay(address payable to, uint256 amount) private {
        if (address(paymentToken) == address(0)) to.sendValue(amount);
        else paymentToken.safeTransfer(to, amount);
    }

    function _requireEnd() private view {
        if (!hasEnded()) revert NotEnded();
    }

    function _requireSuccess() private view {
        _requireEnd();
        if (!hasSucceeded()) revert Failed(raised, softCap);
    }
}
