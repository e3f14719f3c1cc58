// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISale} from "../interfaces/ISale.sol";
import {DollarToken, FalseReturnToken, FeeToken, ReentrantReceiver, RefusingReceiver} from "./HostileTokens.sol";
import {ISaleState, SaleBase} from "./SaleBase.sol";

/// @title The sale as it is meant to go, and what will be tried.
contract SaleTest is SaleBase {
    ISaleState private sale;

    function setUp() public override {
        super.setUp();
        sale = fundedSale(address(0));
    }

    function test_buy_inEachPhase_atItsPrice() external {
        vm.warp(START);
        buy(sale, buyer(0), 1_000_000e18);
        assertEq(sale.raised(), FIRST_PRICE, "first price");
        vm.warp(START + 12 days);
        buy(sale, buyer(0), 1_000_000e18);
        assertEq(sale.raised(), FIRST_PRICE + SECOND_PRICE, "second price");
        assertEq(sale.boughtBy(buyer(0)), 2_000_000e18, "bought");
    }

    function test_buy_outsideOfPhases_reverts() external {
        uint256[4] memory times = [START - 1, START + 10 days, START + 12 days - 1, START + 20 days];
        for (uint256 i = 0; i < times.length; ++i) {
            vm.warp(times[i]);
            vm.expectPartialRevert(ISale.NoPhase.selector);
            sale.buy{value: 1 ether}(1, 1 ether);
        }
    }

    function test_buy_roundsTheCostUp() external {
        vm.warp(START);
        assertEq(sale.costOf(0, 1), 1, "one wei of BTT costs a wei");
        buy(sale, buyer(0), 1);
        assertEq(sale.raised(), 1, "raised");
    }

    function test_buy_returnsWhatIsTooMuch() external {
        vm.warp(START);
        vm.deal(buyer(0), 10e18);
        vm.prank(buyer(0));
        sale.buy{value: 10e18}(1_000_000e18, 10e18);
        assertEq(buyer(0).balance, 8e18, "change");
    }

    function test_buy_boundsCostCapAndOffer() external {
        vm.warp(START);
        vm.expectPartialRevert(ISale.ZeroAmount.selector);
        sale.buy(0, 0);
        vm.expectPartialRevert(ISale.CostAboveMaximum.selector);
        sale.buy{value: 2e18}(1_000_000e18, 2e18 - 1);
        vm.expectPartialRevert(ISale.WrongValue.selector);
        sale.buy{value: 2e18 - 1}(1_000_000e18, 2e18);
        vm.expectPartialRevert(ISale.CapExceeded.selector);
        sale.buy{value: 1001e18}(CAP + 1, 1001e18);
        for (uint256 i = 0; i < 3; ++i) {
            buy(sale, buyer(i), CAP);
        }
        buy(sale, buyer(3), CAP - 1);
        vm.expectPartialRevert(ISale.SoldOut.selector);
        sale.buy{value: 1e18}(2, 1e18);
    }

    function test_buy_capIsForEachPhase() external {
        vm.warp(START);
        buy(sale, buyer(0), CAP);
        vm.deal(buyer(0), 1e18);
        vm.prank(buyer(0));
        vm.expectPartialRevert(ISale.CapExceeded.selector);
        sale.buy{value: 1}(1, 1);
        vm.warp(START + 12 days);
        buy(sale, buyer(0), CAP);
    }

    function test_buy_beforeTheSaleHoldsItsTokens_reverts() external {
        ISaleState empty = deploySale(address(0), phases());
        vm.warp(START);
        vm.expectPartialRevert(ISale.NotFunded.selector);
        empty.buy{value: 1}(1, 1);
    }

    function test_soldOut_endsAtOnce() external {
        vm.warp(START);
        for (uint256 i = 0; i < 4; ++i) {
            buy(sale, buyer(i), CAP);
        }
        sale.claim(buyer(0));
        assertEq(token.balanceOf(buyer(0)), CAP, "claimed");
        sale.collect();
        assertEq(TREASURY.balance, 4_000e18, "collected");
        vm.expectPartialRevert(ISale.NothingDue.selector);
        sale.returnUnsold();
    }

    function test_success_claims_collects_returns_eachOnce() external {
        vm.warp(START);
        buy(sale, buyer(0), CAP);
        buy(sale, buyer(1), CAP);
        vm.expectPartialRevert(ISale.NotEnded.selector);
        sale.claim(buyer(0));
        vm.expectPartialRevert(ISale.NotEnded.selector);
        sale.collect();
        vm.expectPartialRevert(ISale.NotEnded.selector);
        sale.returnUnsold();
        vm.warp(START + 20 days);
        vm.expectPartialRevert(ISale.Succeeded.selector);
        sale.refund(buyer(0));
        sale.returnUnsold();
        assertEq(token.balanceOf(TREASURY), OFFERED - 2 * CAP, "unsold");
        sale.claim(buyer(0));
        sale.claim(buyer(1));
        sale.collect();
        assertEq(TREASURY.balance, SOFT_CAP, "raised");
        assertEq(token.balanceOf(address(sale)), 0, "nothing left");
        vm.expectPartialRevert(ISale.NothingDue.selector);
        sale.claim(buyer(0));
        vm.expectPartialRevert(ISale.NothingDue.selector);
        sale.collect();
        vm.expectPartialRevert(ISale.NothingDue.selector);
        sale.returnUnsold();
    }

    function test_failure_refundsExactly_once_andReturnsAllTokens() external {
        vm.warp(START);
        buy(sale, buyer(0), CAP);
        vm.warp(START + 12 days);
        buy(sale, buyer(0), 7);
        vm.warp(START + 20 days);
        vm.expectPartialRevert(ISale.Failed.selector);
        sale.claim(buyer(0));
        vm.expectPartialRevert(ISale.Failed.selector);
        sale.collect();
        uint256 paid = sale.paidBy(buyer(0));
        sale.refund(buyer(0));
        assertEq(buyer(0).balance, paid, "refunded");
        assertEq(address(sale).balance, 0, "nothing left");
        vm.expectPartialRevert(ISale.NothingDue.selector);
        sale.refund(buyer(0));
        sale.returnUnsold();
        assertEq(token.balanceOf(TREASURY), OFFERED, "all tokens");
    }

    function test_refund_toAReentrantBuyer_paysOnce() external {
        vm.warp(START);
        ReentrantReceiver thief = new ReentrantReceiver();
        buy(sale, buyer(0), CAP / 2);
        vm.deal(address(this), 100e18);
        thief.execute{value: 100e18}(address(sale), 100e18, abi.encodeCall(sale.buy, (CAP / 10, 100e18)));
        vm.warp(START + 20 days);
        thief.arm(address(sale), abi.encodeCall(sale.refund, (address(thief))));
        sale.refund(address(thief));
        assertTrue(thief.didEnter() && thief.hasRevertedInside(), "entered in vain");
        assertEq(address(thief).balance, 100e18, "its own");
        sale.refund(buyer(0));
    }

    function test_refund_toABuyerThatRefuses_holdsUpNobodyElse() external {
        vm.warp(START);
        RefusingReceiver refusing = new RefusingReceiver();
        vm.deal(address(this), 1e18);
        refusing.execute{value: 2e12}(address(sale), abi.encodeCall(sale.buy, (1e18, 2e12)));
        buy(sale, buyer(0), 1e18);
        vm.warp(START + 20 days);
        vm.expectRevert();
        sale.refund(address(refusing));
        sale.refund(buyer(0));
    }

    function test_payInAToken_exactly() external {
        DollarToken dollar = new DollarToken(address(this));
        ISaleState other = fundedSale(address(dollar));
        vm.warp(START);
        dollar.approve(address(other), type(uint256).max);
        vm.expectPartialRevert(ISale.WrongValue.selector);
        other.buy{value: 1}(1_000_000e18, FIRST_PRICE);
        other.buy(1_000_000e18, FIRST_PRICE);
        assertEq(dollar.balanceOf(address(other)), FIRST_PRICE, "paid");
        vm.warp(START + 20 days);
        uint256 before = dollar.balanceOf(address(this));
        other.refund(address(this));
        assertEq(dollar.balanceOf(address(this)) - before, FIRST_PRICE, "refunded");
    }

    function test_payInATokenWithAFee_reverts() external {
        FeeToken fee = new FeeToken(address(this));
        ISaleState other = fundedSale(address(fee));
        vm.warp(START);
        fee.approve(address(other), type(uint256).max);
        vm.expectPartialRevert(ISale.PaymentShort.selector);
        other.buy(1_000_000e18, FIRST_PRICE);
    }

    function test_payInATokenThatReturnsFalse_reverts() external {
        FalseReturnToken broken = new FalseReturnToken();
        ISaleState other = fundedSale(address(broken));
        vm.warp(START);
        vm.expectRevert();
        other.buy(1_000_000e18, FIRST_PRICE);
        broken.mint(address(this), FIRST_PRICE);
        other.buy(1_000_000e18, FIRST_PRICE);
        vm.warp(START + 20 days);
        broken.setBroken(true);
        vm.expectRevert();
        other.refund(address(this));
        broken.setBroken(false);
        other.refund(address(this));
        assertEq(broken.balanceOf(address(this)), FIRST_PRICE, "still there");
    }

    function test_constructor_refusesPhasesThatMakeNoSense() external {
        ISale.Phase[] memory list = phases();
        list[1].startSeconds = uint64(START + 10 days - 1);
        expectInvalid(list);
        list = phases();
        list[0].endSeconds = list[0].startSeconds;
        expectInvalid(list);
        list = phases();
        list[0].startSeconds = uint64(block.timestamp - 1);
        expectInvalid(list);
        list = phases();
        list[1].pricePerMillion = 0;
        expectInvalid(list);
        list = phases();
        list[1].capPerBuyer = 0;
        expectInvalid(list);
        expectInvalid(new ISale.Phase[](0));
    }

    function deployWith(ISale.Phase[] calldata list) external {
        deploySale(address(0), list);
    }

    function expectInvalid(ISale.Phase[] memory list) private {
        vm.expectPartialRevert(ISale.InvalidPhase.selector);
        this.deployWith(list);
    }

    receive() external payable {}
}
