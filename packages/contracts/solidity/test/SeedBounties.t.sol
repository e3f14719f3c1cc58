// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPaymentToken} from "../interfaces/IPaymentToken.sol";
import {ISeedBounties as I} from "../interfaces/ISeedBounties.sol";
import {TestBase} from "./TestBase.sol";

/// @title Pots, reports of auditors, and refunds.
contract SeedBountiesTest is TestBase {
    uint256 private constant START = 1_800_000_000;
    bytes32 private constant TORRENT = keccak256("a rare torrent");
    uint256 private constant POT = 10_000e18;
    uint128 private constant PER_DAY = 1_000e18;
    uint128 private constant PER_SEEDER = 400e18;

    IPaymentToken private token;
    I private bounties;
    uint32 private today;
    uint256[] private auditorKeys;
    I.Auditors private auditors;

    function setUp() external {
        vm.warp(START);
        today = uint32(START / 1 days);
        token = IPaymentToken(deployBtt(address(this)));
        bounties = I(deploy("SeedBounties", abi.encode(token)));
        token.approve(address(bounties), type(uint256).max);
        // Three auditors of whom two have to agree, in ascending order of address.
        auditorKeys = sortedKeys();
        auditors.threshold = 2;
        for (uint256 i = 0; i < 3; ++i) {
            auditors.accounts.push(vm.addr(auditorKeys[i]));
        }
    }

    function test_fund_keepsThePot() external {
        uint256 bountyId = bounties.fund(terms(), POT);
        (I.Terms memory stored, address funder, uint256 pot) = bounties.bountyOf(bountyId);
        assertTrue(stored.torrent == TORRENT && funder == address(this), "terms");
        assertEq(pot, POT, "pot");
        assertEq(token.balanceOf(address(bounties)), POT, "held");
    }

    function test_fund_refusesWhatMakesNoSense() external {
        I.Terms memory t = terms();
        vm.expectPartialRevert(I.ZeroAmount.selector);
        bounties.fund(t, 0);
        t.torrent = 0;
        expectRefused(t, I.InvalidTerms.selector);
        t = terms();
        t.auditorsHash = 0;
        expectRefused(t, I.InvalidTerms.selector);
        t = terms();
        t.perDay = 0;
        expectRefused(t, I.InvalidTerms.selector);
        t = terms();
        t.maximumSeeders = 201;
        expectRefused(t, I.InvalidTerms.selector);
        t = terms();
        t.startDay = today - 1;
        expectRefused(t, I.InvalidDays.selector);
        t = terms();
        t.endDay = t.startDay;
        expectRefused(t, I.InvalidDays.selector);
        t = terms();
        t.endDay = t.startDay + 3_654;
        expectRefused(t, I.InvalidDays.selector);
    }

    function test_day_isSplitAmongThoseWhoWereThere_upToTheCapOfEach() external {
        uint256 bountyId = bounties.fund(terms(), POT);
        vm.warp(START + 1 days);
        pay(bountyId, today, 4);
        for (uint256 i = 0; i < 4; ++i) {
            assertEq(token.balanceOf(seederAt(i)), 250e18, "a quarter of the day");
        }
        vm.warp(START + 2 days);
        pay(bountyId, today + 1, 1);
        assertEq(token.balanceOf(seederAt(0)), 650e18, "the cap of one");
        (,, uint256 pot) = bounties.bountyOf(bountyId);
        assertEq(pot, POT - 1_400e18, "pot");
    }

    function test_day_isPaidOnce_whenItIsOver_withinTheTerm() external {
        uint256 bountyId = bounties.fund(terms(), POT);
        expectPayRevert(bountyId, today, 2, I.DayNotPayable.selector);
        vm.warp(START + 1 days);
        expectPayRevert(bountyId, today - 1, 2, I.DayNotPayable.selector);
        pay(bountyId, today, 2);
        expectPayRevert(bountyId, today, 2, I.DayNotPayable.selector);
        vm.warp(START + 40 days);
        expectPayRevert(bountyId, today + 30, 2, I.DayNotPayable.selector);
        pay(bountyId, today + 29, 2);
        assertTrue(bounties.isPaid(bountyId, today + 29), "paid");
    }

    function test_aPotThatRunsDry_paysWhatIsLeft() external {
        uint256 bountyId = bounties.fund(terms(), 500e18);
        vm.warp(START + 3 days);
        pay(bountyId, today, 5);
        assertEq(token.balanceOf(seederAt(4)), 100e18, "a fifth of what was left");
        expectPayRevert(bountyId, today + 1, 5, I.PotEmpty.selector);
        bounties.topUp(bountyId, 50e18);
        pay(bountyId, today + 1, 5);
        assertEq(token.balanceOf(seederAt(4)), 110e18, "topped up");
    }

    function test_report_ofTooFew_orTheSameTwice_orStrangers_reverts() external {
        uint256 bountyId = bounties.fund(terms(), POT);
        vm.warp(START + 1 days);
        address[] memory seeders = seedersOf(2);
        bytes32 digest = bounties.reportDigest(bountyId, today, seeders);
        I.Signature[] memory one = new I.Signature[](1);
        one[0] = sign(auditorKeys[0], digest);
        vm.expectPartialRevert(I.TooFewSignatures.selector);
        bounties.payDay(bountyId, today, seeders, auditors, one);
        I.Signature[] memory two = new I.Signature[](2);
        (two[0], two[1]) = (one[0], one[0]);
        vm.expectPartialRevert(I.NotAnAuditor.selector);
        bounties.payDay(bountyId, today, seeders, auditors, two);
        (two[0], two[1]) = (sign(auditorKeys[1], digest), sign(auditorKeys[0], digest));
        vm.expectPartialRevert(I.NotAnAuditor.selector);
        bounties.payDay(bountyId, today, seeders, auditors, two);
        (two[0], two[1]) = (one[0], sign(0xBAD, digest));
        vm.expectPartialRevert(I.NotAnAuditor.selector);
        bounties.payDay(bountyId, today, seeders, auditors, two);
    }

    function test_report_ofAnotherDayBountyChainOrList_reverts() external {
        uint256 bountyId = bounties.fund(terms(), POT);
        uint256 otherId = bounties.fund(terms(), POT);
        vm.warp(START + 2 days);
        address[] memory seeders = seedersOf(2);
        I.Signature[] memory signatures = signAll(bounties.reportDigest(bountyId, today, seeders));
        vm.expectPartialRevert(I.NotAnAuditor.selector);
        bounties.payDay(bountyId, today + 1, seeders, auditors, signatures);
        vm.expectPartialRevert(I.NotAnAuditor.selector);
        bounties.payDay(otherId, today, seeders, auditors, signatures);
        address[] memory more = seedersOf(3);
        vm.expectPartialRevert(I.NotAnAuditor.selector);
        bounties.payDay(bountyId, today, more, auditors, signatures);
        vm.chainId(block.chainid + 1);
        vm.expectPartialRevert(I.NotAnAuditor.selector);
        bounties.payDay(bountyId, today, seeders, auditors, signatures);
    }

    function test_otherAuditors_areRefused() external {
        uint256 bountyId = bounties.fund(terms(), POT);
        vm.warp(START + 1 days);
        address[] memory seeders = seedersOf(2);
        I.Signature[] memory signatures = signAll(bounties.reportDigest(bountyId, today, seeders));
        I.Auditors memory fewer = auditors;
        fewer.threshold = 1;
        vm.expectPartialRevert(I.NotTheAuditors.selector);
        bounties.payDay(bountyId, today, seeders, fewer, signatures);
    }

    function test_auditors_ascend_andTheThresholdFits() external {
        I.Auditors memory wrong = auditors;
        wrong.threshold = 0;
        vm.expectPartialRevert(I.InvalidAuditors.selector);
        bounties.auditorsHashOf(wrong);
        wrong.threshold = 4;
        vm.expectPartialRevert(I.InvalidAuditors.selector);
        bounties.auditorsHashOf(wrong);
        wrong.threshold = 2;
        wrong.accounts[1] = wrong.accounts[0];
        vm.expectPartialRevert(I.InvalidAuditors.selector);
        bounties.auditorsHashOf(wrong);
        wrong.accounts[0] = address(0);
        vm.expectPartialRevert(I.InvalidAuditors.selector);
        bounties.auditorsHashOf(wrong);
    }

    function test_seeders_ascend_areFew_andCanBePaid() external {
        uint256 bountyId = bounties.fund(terms(), POT);
        vm.warp(START + 1 days);
        expectPayRevert(bountyId, today, 0, I.WrongSeederCount.selector);
        expectPayRevert(bountyId, today, 11, I.WrongSeederCount.selector);
        address[] memory seeders = seedersOf(2);
        seeders[1] = seeders[0];
        expectListRevert(bountyId, seeders);
        seeders[1] = address(token);
        expectListRevert(bountyId, seeders);
        seeders[1] = address(bounties);
        expectListRevert(bountyId, seeders);
        seeders[0] = address(0);
        expectListRevert(bountyId, seeders);
    }

    function test_refund_goesToTheFunder_aWeekAfterTheEnd() external {
        uint256 bountyId = bounties.fund(terms(), POT);
        vm.warp((uint256(today) + 30 + 7) * 1 days - 1);
        vm.expectPartialRevert(I.NotRefundable.selector);
        bounties.refund(bountyId);
        vm.expectPartialRevert(I.Ended.selector);
        bounties.topUp(bountyId, 1);
        vm.warp((uint256(today) + 30 + 7) * 1 days);
        uint256 before = token.balanceOf(address(this));
        vm.prank(address(0xBAD));
        bounties.refund(bountyId);
        assertEq(token.balanceOf(address(this)) - before, POT, "refunded");
        vm.expectPartialRevert(I.PotEmpty.selector);
        bounties.refund(bountyId);
        expectPayRevert(bountyId, today, 2, I.PotEmpty.selector);
    }

    function test_unknownBounty_reverts() external {
        vm.expectPartialRevert(I.UnknownBounty.selector);
        bounties.refund(1);
        vm.expectPartialRevert(I.UnknownBounty.selector);
        bounties.topUp(0, 1);
    }

    function testFuzz_days_payNoMoreThanThePot_norThanADay(uint128 perDay, uint128 perSeeder, uint8[5] calldata counts)
        external
    {
        I.Terms memory t = terms();
        t.perDay = uint128(bound(perDay, 1_000, POT));
        t.perSeeder = uint128(bound(perSeeder, 100, POT));
        uint256 bountyId = bounties.fund(t, POT);
        bounties.fund(terms(), POT);
        vm.warp(START + 6 days);
        for (uint256 i = 0; i < counts.length; ++i) {
            (,, uint256 before) = bounties.bountyOf(bountyId);
            if (before < 1_000) break;
            pay(bountyId, today + i, bound(counts[i], 1, 10));
            (,, uint256 afterwards) = bounties.bountyOf(bountyId);
            assertAtMost(before - afterwards, t.perDay, "a day");
            assertAtMost(before - afterwards, 10 * uint256(t.perSeeder), "the seeders' caps");
        }
        (,, uint256 pot) = bounties.bountyOf(bountyId);
        assertEq(token.balanceOf(address(bounties)), pot + POT, "the other pot is whole");
    }

    function terms() private view returns (I.Terms memory) {
        return I.Terms(TORRENT, PER_DAY, PER_SEEDER, 10, today, today + 30, bounties.auditorsHashOf(auditors));
    }

    function seederAt(uint256 index) private pure returns (address) {
        return address(uint160(0x5EED00 + index));
    }

    function seedersOf(uint256 count) private pure returns (address[] memory seeders) {
        seeders = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            seeders[i] = seederAt(i);
        }
    }

    function pay(uint256 bountyId, uint256 day, uint256 count) private {
        address[] memory seeders = seedersOf(count);
        bounties.payDay(bountyId, day, seeders, auditors, signAll(bounties.reportDigest(bountyId, day, seeders)));
    }

    function expectPayRevert(uint256 bountyId, uint256 day, uint256 count, bytes4 reason) private {
        address[] memory seeders = seedersOf(count);
        I.Signature[] memory signatures = signAll(bounties.reportDigest(bountyId, day, seeders));
        vm.expectPartialRevert(reason);
        bounties.payDay(bountyId, day, seeders, auditors, signatures);
    }

    function expectListRevert(uint256 bountyId, address[] memory seeders) private {
        I.Signature[] memory signatures = signAll(bounties.reportDigest(bountyId, today, seeders));
        vm.expectPartialRevert(I.InvalidSeeder.selector);
        bounties.payDay(bountyId, today, seeders, auditors, signatures);
    }

    function expectRefused(I.Terms memory t, bytes4 reason) private {
        vm.expectPartialRevert(reason);
        bounties.fund(t, POT);
    }

    function signAll(bytes32 digest) private view returns (I.Signature[] memory signatures) {
        signatures = new I.Signature[](2);
        signatures[0] = sign(auditorKeys[0], digest);
        signatures[1] = sign(auditorKeys[2], digest);
    }

    function sign(uint256 privateKey, bytes32 digest) private pure returns (I.Signature memory) {
        (bytes32 r, bytes32 vs) = signCompact(privateKey, digest);
        return I.Signature(r, vs);
    }

    function sortedKeys() private pure returns (uint256[] memory keys) {
        keys = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) {
            keys[i] = 5000 + i;
        }
        for (uint256 i = 0; i < 2; ++i) {
            for (uint256 j = 0; j < 2; ++j) {
                if (vm.addr(keys[j]) > vm.addr(keys[j + 1])) (keys[j], keys[j + 1]) = (keys[j + 1], keys[j]);
            }
        }
    }
}
