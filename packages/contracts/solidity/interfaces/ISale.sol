// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ITokenHolder} from "./ITokenHolder.sol";

/// @title The sale of the ICO tranche.
/// @notice A fixed price in each phase, in the native coin or in one token; a cap for each buyer. Bought tokens are claimed
/// after the end. If less than the soft cap is raised, everybody gets back exactly what they paid. Nobody owns the sale: what
/// happens follows from the clock and from what was paid.
interface ISale is ITokenHolder {
    /// @notice A time with one price.
    /// @param startSeconds First second, since 1970.
    /// @param endSeconds The second after the last; phases follow one another, gaps are allowed.
    /// @param pricePerMillion Units of the payment (wei, or the token's smallest unit) for 1,000,000 BTT; more than 0.
    /// @param capPerBuyer The most that one account may buy in this phase, in wei of BTT.
    struct Phase {
        uint64 startSeconds;
        uint64 endSeconds;
        uint256 pricePerMillion;
        uint256 capPerBuyer;
    }

    /// @notice `buyer` paid `cost` for `amount`.
    event Bought(address indexed buyer, uint256 indexed phase, uint256 amount, uint256 cost);

    /// @notice `amount` bought tokens were paid out to `buyer`.
    event Claimed(address indexed buyer, uint256 amount);

    /// @notice `cost` went back to `buyer`, since the sale failed.
    event Refunded(address indexed buyer, uint256 cost);

    /// @notice What was raised went to the treasury.
    event Collected(uint256 raised);

    /// @notice Tokens that nobody bought, or can claim any more, went to the treasury.
    event UnsoldReturned(uint256 amount);

    /// @notice An address that must not be zero is.
    error ZeroAddress();

    /// @notice An amount of 0 does nothing.
    error ZeroAmount();

    /// @notice The phases are none, overlap, end before they begin, have begun, or have a price or cap of 0.
    error InvalidPhase(uint256 index);

    /// @notice The sale does not hold yet what it offers.
    error NotFunded(uint256 balance, uint256 offered);

    /// @notice No phase is under way.
    error NoPhase(uint256 timestamp);

    /// @notice More than the phase allows one buyer.
    error CapExceeded(uint256 phase, uint256 left, uint256 wanted);

    /// @notice More than is left.
    error SoldOut(uint256 left, uint256 wanted);

    /// @notice The cost is above what the buyer was ready to pay.
    error CostAboveMaximum(uint256 cost, uint256 maximum);

    /// @notice Coins were sent along where a token is the payment, or too few of them.
    error WrongValue(uint256 value, uint256 wanted);

    /// @notice The payment arrived short: the token takes a fee.
    error PaymentShort(uint256 received, uint256 wanted);

    /// @notice The sale has not ended.
    error NotEnded();

    /// @notice The sale did not raise its soft cap.
    error Failed(uint256 raised, uint256 softCap);

    /// @notice The sale did raise its soft cap.
    error Succeeded(uint256 raised, uint256 softCap);

    /// @notice There is nothing to pay out.
    error NothingDue();

    /// @notice Buys `amount` wei of BTT in the phase under way.
    /// @param maximumCost The most to pay, in units of the payment: a phase may end before the transaction is in. With
    /// the native coin, what is sent above the cost comes back.
    function buy(uint256 amount, uint256 maximumCost) external payable;

    /// @notice Pays out what `buyer` bought, after a sale that succeeded; anybody may call.
    function claim(address buyer) external;

    /// @notice Pays back what `buyer` paid, after a sale that failed; anybody may call.
    function refund(address buyer) external;

    /// @notice Pays what was raised to the treasury, after a sale that succeeded; anybody may call.
    function collect() external;

    /// @notice Returns what was not sold to the treasury, after the end; anybody may call.
    function returnUnsold() external;

    /// @notice The token paid with; zero for the native coin.
    function paymentToken() external view returns (IERC20);

    /// @notice Cost of `amount` in a phase, rounded up.
    function costOf(uint256 phase, uint256 amount) external view returns (uint256);

    /// @notice Whether buying is over: the last phase ended, or all is sold.
    function hasEnded() external view returns (bool);

    /// @notice Whether the soft cap was reached.
    function hasSucceeded() external view returns (bool);

    /// @notice The phase under way. Reverts when there is none.
    function currentPhase() external view returns (uint256);
}
