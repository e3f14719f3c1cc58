// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title A contract that works with one token.
/// @notice `Allocation` asks before it parts with a tranche, so that none goes to a contract of another token.
interface ITokenHolder {
    /// @notice The token it works with.
    function token() external view returns (IERC20);
}
