// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IPaymentToken} from "../interfaces/IPaymentToken.sol";
import {IPremiumPass} from "../interfaces/IPremiumPass.sol";
import {FalseReturnToken} from "./HostileTokens.sol";
import {TestBase} from "./TestBase.sol";

/// @title Subscribing, giving, and what the owner may do.
contract PremiumPassTest is TestBase {
    uint256 private constant START = 1_800_000_000;
    uint256 private constant PRICE = 1_000e18;
    address private constant TREASURY = address(0x7EA5);
    address private constant OWNER = address(0x0E4);
    uint256 private constant KEY = 0xA11CE;
    address private immutable alice = vm.addr(KEY);

    IPaymentToken private token;
    IPremiumPass private pass;

    function setUp() external {
        vm.warp(START);
        token = IPaymentToken(deployBtt(address(this)));
        pass = IPremiumPass(deploy("PremiumPass", abi.encode(token, TREASURY, OWNER, PRICE)));
        token.transfer(alice, 1_000_000e18);
        vm.prank(alice);
        token.approve(address(pass), type(uint256).max);
    }

    function test_subscribe_paysTheTreasury_andExtends() external {
        vm.startPrank(alice);
        pass.subscribe(1, PRICE);
        assertEq(pass.expiresAt(alice), START + 30 days, "a month");
        vm.warp(START + 10 days);
        pass.subscribe(2, 2 * PRICE);
        assertEq(pass.expiresAt(alice), START + 90 days, "what was left is kept");
        vm.stopPrank();
        assertEq(token.balanceOf(TREASURY), 3 * PRICE, "paid");
        vm.warp(START + 90 days - 1);
        assertTrue(pass.isActive(alice), "to the last second");
        vm.warp(START + 90 days);
        assertTrue(!pass.isActive(alice), "then over");
        vm.warp(START + 200 days);
        vm.prank(alice);
        pass.subscribe(1, PRICE);
        assertEq(pass.expiresAt(alice), START + 230 days, "from now, not from then");
    }

    function test_gift_isPaidByTheGiver() external {
        vm.prank(alice);
        pass.gift(address(0xB0B), 1, PRICE);
        assertTrue(pass.isActive(address(0xB0B)) && !pass.isActive(alice), "the other's");
        vm.prank(alice);
        vm.expectPartialRevert(IPremiumPass.ZeroAddress.selector);
        pass.gift(address(0), 1, PRICE);
    }

    function test_subscribe_withPermit_alsoIfSomebodyBroughtItFirst() external {
        vm.prank(alice);
        token.approve(address(pass), 0);
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                alice,
                pass,
                PRICE,
                token.nonces(alice),
                START
            )
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest);
        token.permit(alice, address(pass), PRICE, START, v, r, s);
        vm.prank(alice);
        pass.subscribeWithPermit(1, PRICE, START, v, r, s);
        assertTrue(pass.isActive(alice), "subscribed");
    }

    function test_subscribe_boundsMonthsAndCost() external {
        vm.startPrank(alice);
        vm.expectPartialRevert(IPremiumPass.InvalidMonths.selector);
        pass.subscribe(0, PRICE);
        vm.expectPartialRevert(IPremiumPass.InvalidMonths.selector);
        pass.subscribe(121, type(uint256).max);
        vm.expectPartialRevert(IPremiumPass.CostAboveMaximum.selector);
        pass.subscribe(2, 2 * PRICE - 1);
        pass.subscribe(120, 120 * PRICE);
        vm.expectPartialRevert(IPremiumPass.TooFarAhead.selector);
        pass.subscribe(1, PRICE);
        vm.stopPrank();
    }

    function test_price_changesWithNotice_byAFactorOfTwoAtMost() external {
        vm.expectPartialRevert(Ownable.OwnableUnauthorizedAccount.selector);
        pass.announcePrice(PRICE);
        vm.startPrank(OWNER);
        vm.expectPartialRevert(IPremiumPass.PriceOutOfBounds.selector);
        pass.announcePrice(2 * PRICE + 1);
        vm.expectPartialRevert(IPremiumPass.PriceOutOfBounds.selector);
        pass.announcePrice(PRICE / 2 - 1);
        pass.announcePrice(2 * PRICE);
        vm.expectPartialRevert(IPremiumPass.ChangePending.selector);
        pass.announcePrice(PRICE);
        vm.stopPrank();
        vm.warp(START + 7 days - 1);
        assertEq(pass.pricePerMonth(), PRICE, "not yet");
        vm.warp(START + 7 days);
        assertEq(pass.pricePerMonth(), 2 * PRICE, "now");
        vm.prank(alice);
        vm.expectPartialRevert(IPremiumPass.CostAboveMaximum.selector);
        pass.subscribe(1, PRICE);
    }

    function testFuzz_price_neverFallsToZero(uint256 price, uint8 times) external {
        price = bound(price, 1, 1e30);
        IPremiumPass other = IPremiumPass(deploy("PremiumPass", abi.encode(token, TREASURY, OWNER, price)));
        uint256 nowSeconds = START;
        for (uint256 i = 0; i < times % 120; ++i) {
            uint256 present = other.pricePerMonth();
            vm.prank(OWNER);
            other.announcePrice(present / 2 + (present % 2));
            nowSeconds += 7 days;
            vm.warp(nowSeconds);
        }
        assertTrue(other.pricePerMonth() > 0, "above zero");
    }

    function test_aTokenThatReturnsFalse_subscribesNobody() external {
        FalseReturnToken broken = new FalseReturnToken();
        IPremiumPass other = IPremiumPass(deploy("PremiumPass", abi.encode(broken, TREASURY, OWNER, PRICE)));
        vm.prank(alice);
        vm.expectRevert();
        other.subscribe(1, PRICE);
        assertTrue(!other.isActive(alice), "not subscribed");
    }
}
