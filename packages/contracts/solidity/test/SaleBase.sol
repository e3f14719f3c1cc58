// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPaymentToken} from "../interfaces/IPaymentToken.sol";
import {ISale} from "../interfaces/ISale.sol";
import {TestBase} from "./TestBase.sol";

interface ISaleState is ISale {
    function sold() external view returns (uint256);
    function raised() external view returns (uint256);
    function claimed() external view returns (uint256);
    function offered() external view returns (uint256);
    function paidBy(address buyer) external view returns (uint256);
    function boughtBy(address buyer) external view returns (uint256);
    function collected() external view returns (bool);
}

/// @title A sale of two phases.
abstract contract SaleBase is TestBase {
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant OFFERED = 2_000_000_000e18;
    uint256 internal constant CAP = 500_000_000e18;
    /// @dev Of the payment, for a million BTT.
    uint256 internal constant FIRST_PRICE = 2e18;
    uint256 internal constant SECOND_PRICE = 3e18;
    /// @dev What half of the offer costs in the first phase.
    uint256 internal constant SOFT_CAP = 2_000e18;

    address payable internal constant TREASURY = payable(address(0x7EA5));
    IPaymentToken internal token;

    function setUp() public virtual {
        vm.warp(START - 1 days);
        token = IPaymentToken(deployBtt(address(this)));
    }

    function phases() internal pure returns (ISale.Phase[] memory list) {
        list = new ISale.Phase[](2);
        list[0] = ISale.Phase(uint64(START), uint64(START + 10 days), FIRST_PRICE, CAP);
        list[1] = ISale.Phase(uint64(START + 12 days), uint64(START + 20 days), SECOND_PRICE, CAP);
    }

    function deploySale(address payment, ISale.Phase[] memory list) internal returns (ISaleState sale) {
        sale = ISaleState(deploy("Sale", abi.encode(token, payment, TREASURY, OFFERED, SOFT_CAP, list)));
    }

    function fundedSale(address payment) internal returns (ISaleState sale) {
        sale = deploySale(payment, phases());
        token.transfer(address(sale), OFFERED);
    }

    function buyer(uint256 number) internal pure returns (address) {
        return vm.addr(4000 + number);
    }

    /// @dev Buys with as many coins as it costs.
    function buy(ISaleState sale, address who, uint256 amount) internal {
        uint256 cost = sale.costOf(sale.currentPhase(), amount);
        vm.deal(who, cost);
        vm.prank(who);
        sale.buy{value: cost}(amount, cost);
    }
}
