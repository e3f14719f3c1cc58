// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPaymentToken} from "../interfaces/IPaymentToken.sol";
import {ISaleState, SaleBase} from "./SaleBase.sol";
import {TestBase} from "./TestBase.sol";

/// @title Four buyers who do anything the sale lets them.
contract SaleHandler is TestBase {
    uint256 private constant CAP = 500_000_000e18;
    ISaleState private immutable sale;
    mapping(address who => uint256) public spent;
    mapping(address who => uint256) public returned;
    uint256 private _now;

    constructor(ISaleState sale_, uint256 start) {
        sale = sale_;
        _now = start;
    }

    modifier inTime() {
        vm.warp(_now);
        _;
    }

    function buyer(uint256 number) public pure returns (address) {
        return vm.addr(4000 + (number % 4));
    }

    function wait(uint256 seconds_) external {
        _now += bound(seconds_, 1, 2 days);
    }

    function buy(uint256 who, uint256 amount) external inTime {
        amount = bound(amount, 1, CAP / 2);
        address account = buyer(who);
        try sale.currentPhase() returns (uint256 phase) {
            uint256 cost = sale.costOf(phase, amount);
            vm.deal(account, account.balance + cost);
            vm.prank(account);
            try sale.buy{value: cost}(amount, cost) {
                spent[account] += cost;
            } catch {}
        } catch {}
    }

    function claim(uint256 who) external inTime {
        try sale.claim(buyer(who)) {} catch {}
    }

    function refund(uint256 who) external inTime {
        address account = buyer(who);
        uint256 before = account.balance;
        try sale.refund(account) {
            returned[account] += account.balance - before;
        } catch {}
    }

    function collect() external inTime {
        try sale.collect() {} catch {}
    }

    function returnUnsold() external inTime {
        try sale.returnUnsold() {} catch {}
    }
}

/// @title What holds of a sale whatever anybody did.
contract SaleInvariantTest is SaleBase {
    ISaleState private sale;
    SaleHandler private handler;

    function setUp() public override {
        super.setUp();
        sale = fundedSale(address(0));
        handler = new SaleHandler(sale, START);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_soldIsBacked() external view {
        assertAtMost(sale.sold(), OFFERED, "sold within the offer");
        uint256 owed = 0;
        for (uint256 i = 0; i < 4; ++i) {
            owed += sale.boughtBy(handler.buyer(i));
        }
        if (sale.hasSucceeded() || !sale.hasEnded()) {
            assertEq(owed, sale.sold() - sale.claimed(), "owed");
            assertAtMost(owed, token.balanceOf(address(sale)), "tokens here");
        }
    }

    function invariant_moneyIsHere_orWhereItBelongs() external view {
        uint256 spent = 0;
        uint256 returned = 0;
        uint256 refundable = 0;
        for (uint256 i = 0; i < 4; ++i) {
            address who = handler.buyer(i);
            spent += handler.spent(who);
            returned += handler.returned(who);
            refundable += sale.paidBy(who);
            assertAtMost(handler.returned(who), handler.spent(who), "no more than was paid");
        }
        assertEq(spent, sale.raised(), "raised");
        assertEq(spent - returned, address(sale).balance + TREASURY.balance, "conserved");
        if (!sale.hasSucceeded()) assertEq(refundable, address(sale).balance, "everybody can be refunded");
        assertTrue(returned == 0 || TREASURY.balance == 0, "refunded xor collected");
    }
}
