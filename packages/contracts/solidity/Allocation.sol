// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ITokenHolder} from "./interfaces/ITokenHolder.sol";
import {Vesting} from "./Vesting.sol";

/// @title Where the 10,000,000,000 BTT go.
/// @notice ICO 20%, team 15%, foundation 5%, ecosystem 30%, user rewards 30%. All of it is minted to this contract, which
/// hands it on once: three tranches into vesting that its constructor made, one to the sale, one to the rewards.
/// @dev Sale and rewards need the token's address and are deployed after it, so the steward names them, once. Until
/// then it decides where these two tranches go; afterwards nobody has any power here, and nothing is left.
contract Allocation {
    using SafeERC20 for IERC20;

    /// @notice Of the ICO, in wei: 20%.
    uint256 public constant ICO = 2_000_000_000e18;
    /// @notice Of the team, in wei: 15%.
    uint256 public constant TEAM = 1_500_000_000e18;
    /// @notice Of the foundation, in wei: 5%.
    uint256 public constant FOUNDATION = 500_000_000e18;
    /// @notice Of the ecosystem, in wei: 30%.
    uint256 public constant ECOSYSTEM = 3_000_000_000e18;
    /// @notice Of user rewards, in wei: 30%.
    uint256 public constant REWARDS = 3_000_000_000e18;
    /// @notice The sum of all tranches.
    uint256 public constant TOTAL = ICO + TEAM + FOUNDATION + ECOSYSTEM + REWARDS;

    /// @notice A schedule may begin so long before this contract is deployed, and no longer.
    uint256 public constant START_LEEWAY_SECONDS = 30 days;

    /// @notice Who may call `distribute`.
    address public immutable steward;
    /// @notice The team's vesting: four years, nothing in the first.
    Vesting public immutable team;
    /// @notice The foundation's vesting: four years, nothing in the first half year.
    Vesting public immutable foundation;
    /// @notice The ecosystem's vesting: five years, evenly from the start.
    Vesting public immutable ecosystem;

    /// @notice Whether the tranches have been handed on.
    bool public distributed;

    /// @notice The tranches were handed on.
    event Distributed(IERC20 indexed token, address indexed sale, address indexed rewards);

    /// @notice The schedule would have begun too long ago.
    error StartTooEarly(uint256 startSeconds, uint256 earliest);
    /// @notice Only the steward may do that.
    error CallerNotSteward(address caller);
    /// @notice The tranches were handed on before.
    error AlreadyDistributed();
    /// @notice This contract does not hold the whole supply.
    error SupplyNotHere(uint256 balance, uint256 wanted);
    /// @notice `holder` is no contract that works with `token`.
    error NotOfToken(address holder, IERC20 token);
    /// @notice Sale and rewards are the same contract.
    error SameHolder(address holder);

    /// @param teamOwner Beneficiary of the team's vesting.
    /// @param foundationOwner Beneficiary of the foundation's vesting.
    /// @param ecosystemOwner Beneficiary of the ecosystem's vesting.
    /// @param startSeconds When the schedules begin, in seconds since 1970.
    /// @param steward_ Who names sale and rewards.
    constructor(
        address teamOwner,
        address foundationOwner,
        address ecosystemOwner,
        uint64 startSeconds,
        address steward_
    ) {
        if (startSeconds + START_LEEWAY_SECONDS < block.timestamp) {
            revert StartTooEarly(startSeconds, block.timestamp - START_LEEWAY_SECONDS);
        }
        steward = steward_;
        team = new Vesting(teamOwner, startSeconds, 4 * 365 days, 365 days);
        foundation = new Vesting(foundationOwner, startSeconds, 4 * 365 days, 182 days);
        ecosystem = new Vesting(ecosystemOwner, startSeconds, 5 * 365 days, 0);
    }

    /// @notice Hands everything on: to the three vestings, to `sale`, and to `rewards`. Once.
    /// @param token The token whose whole supply lies here.
    function distribute(IERC20 token, address sale, address rewards) external {
        if (msg.sender != steward) revert CallerNotSteward(msg.sender);
        if (distributed) revert AlreadyDistributed();
        uint256 balance = token.balanceOf(address(this));
        if (balance != TOTAL) revert SupplyNotHere(balance, TOTAL);
        if (sale == rewards) revert SameHolder(sale);
        _requireOf(token, sale);
        _requireOf(token, rewards);
        distributed = true;
        emit Distributed(token, sale, rewards);
        token.safeTransfer(sale, ICO);
        token.safeTransfer(address(team), TEAM);
        token.safeTransfer(address(foundation), FOUNDATION);
        token.safeTransfer(address(ecosystem), ECOSYSTEM);
        token.safeTransfer(rewards, REWARDS);
    }

    function _requireOf(IERC20 token, address holder) private view {
        bool fits = holder.code.length != 0 && address(ITokenHolder(holder).token()) == address(token);
        if (!fits) revert NotOfToken(holder, token);
    }
}
