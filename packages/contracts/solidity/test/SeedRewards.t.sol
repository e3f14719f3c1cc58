// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISeedRewards as I} from "../interfaces/ISeedRewards.sol";
import {ISeedRewardsState, RewardsBase} from "./RewardsBase.sol";

/// @title Roots, vetoes and claims, and what will be tried against them.
contract SeedRewardsTest is RewardsBase {
    address private constant ALICE = address(0xA1);
    address private constant BOB = address(0xB2);

    function test_cap_isNineTenthsOfWhatWasBurned_orAThreeHundredthOfWhatIsLeft() external {
        burnFees(1_000e18);
        nextEpoch();
        assertEq(rewards.capOf(epoch), 900e18, "burned");
        burnFees(20_000_000e18);
        nextEpoch();
        assertEq(rewards.capOf(epoch + 1), FUND / 300, "emission");
    }

    function test_emission_decaysByAThreeHundredthOfWhatIsLeft() external {
        uint256 left = FUND;
        for (uint256 i = 0; i < 3; ++i) {
            burnFees(20_000_000e18);
            nextEpoch();
            uint256 cap = rewards.capOf(epoch + i);
            assertEq(cap, left / 300, "emission");
            post(epoch + i, bytes32(uint256(1)), cap);
            left -= cap;
            assertEq(rewards.remaining(), left, "left");
        }
    }

    function test_post_isTheAuthoritys_forEpochsThatHaveEnded_withinTheCap() external {
        burnFees(1_000e18);
        vm.expectPartialRevert(I.CallerNotAuthority.selector);
        rewards.post(epoch, bytes32(uint256(1)), 1, 0);
        vm.startPrank(AUTHORITY);
        vm.expectPartialRevert(I.EpochOutOfRange.selector);
        rewards.post(epoch, bytes32(uint256(1)), 1, 0);
        vm.expectPartialRevert(I.EpochOutOfRange.selector);
        rewards.post(epoch - 1, bytes32(uint256(1)), 1, 0);
        nextEpoch();
        vm.expectPartialRevert(I.EmptyDistribution.selector);
        rewards.post(epoch, 0, 1, 0);
        vm.expectPartialRevert(I.EmptyDistribution.selector);
        rewards.post(epoch, bytes32(uint256(1)), 0, 0);
        vm.expectRevert(abi.encodeWithSelector(I.TotalAboveCap.selector, 900e18 + 1, 900e18));
        rewards.post(epoch, bytes32(uint256(1)), 900e18 + 1, 0);
        rewards.post(epoch, bytes32(uint256(1)), 900e18, 0);
        vm.expectPartialRevert(I.AlreadyPosted.selector);
        rewards.post(epoch, bytes32(uint256(1)), 1, 0);
        vm.stopPrank();
    }

    function test_anEpochWithoutBurning_paysNothing() external {
        nextEpoch();
        vm.prank(AUTHORITY);
        vm.expectPartialRevert(I.TotalAboveCap.selector);
        rewards.post(epoch, bytes32(uint256(1)), 1, 0);
    }

    function test_claim_paysOnce_afterTheVeto() external {
        (, I.Share[] memory shares) = postTwo(500e18, 400e18);
        vm.expectPartialRevert(I.NotClaimable.selector);
        rewards.claimMany(shares);
        vm.warp(block.timestamp + 24 hours);
        rewards.claimMany(shares);
        assertEq(token.balanceOf(ALICE), 500e18, "one");
        assertEq(token.balanceOf(BOB), 400e18, "the other");
        assertTrue(rewards.isClaimed(epoch, 0) && rewards.isClaimed(epoch, 1), "claimed");
        vm.expectPartialRevert(I.AlreadyClaimed.selector);
        rewards.claimMany(shares);
        assertEq(rewards.reserved(), 0, "nothing reserved");
    }

    function test_claim_withAnotherAmountAccountIndexOrEpoch_reverts() external {
        (, I.Share[] memory shares) = postTwo(500e18, 400e18);
        vm.warp(block.timestamp + 24 hours);
        I.Share[] memory one = new I.Share[](1);
        one[0] = shares[0];
        one[0].amount += 1;
        expectInvalidProof(one);
        one[0].amount -= 1;
        one[0].account = BOB;
        expectInvalidProof(one);
        one[0].account = ALICE;
        one[0].index = 2;
        expectInvalidProof(one);
        one[0].index = 0;
        one[0].proof = new bytes32[](0);
        expectInvalidProof(one);
        one[0].epoch += 1;
        vm.expectPartialRevert(I.NotPosted.selector);
        rewards.claimMany(one);
    }

    function test_aLeafOfOneEpoch_isNothingInAnother_underTheSameRoot() external {
        (bytes32 root, I.Share[] memory shares) = postTwo(500e18, 400e18);
        burnFees(1_000e18);
        nextEpoch();
        post(epoch + 1, root, 900e18);
        vm.warp(block.timestamp + 24 hours);
        shares[0].epoch = epoch + 1;
        shares[1].epoch = epoch + 1;
        expectInvalidProof(shares);
    }

    function test_anInnerNode_isNoLeaf() external {
        // A tree of four leaves; the claim tries to pass the node above two of them for a leaf (second preimage).
        burnFees(1_000e18);
        nextEpoch();
        bytes32 a = hashPair(rewards.leafOf(epoch, 0, ALICE, 1), rewards.leafOf(epoch, 1, BOB, 1));
        bytes32 b = hashPair(rewards.leafOf(epoch, 2, ALICE, 1), rewards.leafOf(epoch, 3, BOB, 1));
        post(epoch, hashPair(a, b), 100);
        vm.warp(block.timestamp + 24 hours);
        I.Share[] memory forged = new I.Share[](1);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = b;
        // The 64 bytes under `a`, read as they would have to be, are epoch and index.
        forged[0] = I.Share(epoch, uint256(a), ALICE, 1, proof);
        expectInvalidProof(forged);
    }

    function test_duplicateLeaves_payOnce() external {
        burnFees(1_000e18);
        nextEpoch();
        bytes32 leaf = rewards.leafOf(epoch, 0, ALICE, 300);
        post(epoch, hashPair(leaf, leaf), 600);
        vm.warp(block.timestamp + 24 hours);
        I.Share[] memory shares = new I.Share[](2);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = leaf;
        shares[0] = shares[1] = I.Share(epoch, 0, ALICE, 300, proof);
        vm.expectPartialRevert(I.AlreadyClaimed.selector);
        rewards.claimMany(shares);
    }

    function test_aRootThatGivesAwayMoreThanItsTotal_stopsAtTheTotal() external {
        burnFees(1_000e18);
        nextEpoch();
        (bytes32 root, I.Share[] memory shares) = treeOf(epoch, [ALICE, BOB], [uint256(600e18), FUND]);
        post(epoch, root, 900e18);
        vm.warp(block.timestamp + 24 hours);
        I.Share[] memory one = new I.Share[](1);
        one[0] = shares[0];
        rewards.claimMany(one);
        one[0] = shares[1];
        vm.expectPartialRevert(I.DistributionExhausted.selector);
        rewards.claimMany(one);
    }

    function test_veto_withdrawsTheRoot_andAnotherMayFollow() external {
        (bytes32 root, I.Share[] memory shares) = postTwo(500e18, 400e18);
        vm.expectPartialRevert(I.CallerNotGuardian.selector);
        rewards.veto(epoch);
        vm.prank(GUARDIAN);
        rewards.veto(epoch);
        assertEq(rewards.remaining(), FUND, "all is left");
        vm.warp(block.timestamp + 24 hours);
        vm.expectPartialRevert(I.NotPosted.selector);
        rewards.claimMany(shares);
        post(epoch, root, 900e18);
        vm.expectPartialRevert(I.NotClaimable.selector);
        rewards.claimMany(shares);
        vm.warp(block.timestamp + 24 hours);
        vm.prank(GUARDIAN);
        vm.expectPartialRevert(I.VetoOver.selector);
        rewards.veto(epoch);
        rewards.claimMany(shares);
    }

    function test_expire_returnsWhatNobodyClaimed_afterAYear() external {
        (, I.Share[] memory shares) = postTwo(500e18, 400e18);
        vm.warp(block.timestamp + 24 hours);
        I.Share[] memory one = new I.Share[](1);
        one[0] = shares[0];
        rewards.claimMany(one);
        vm.expectPartialRevert(I.NotExpired.selector);
        rewards.expire(epoch);
        vm.warp(block.timestamp + 365 days);
        rewards.expire(epoch);
        assertEq(rewards.reserved(), 0, "nothing reserved");
        assertEq(rewards.remaining(), FUND - 500e18, "left");
        one[0] = shares[1];
        vm.expectPartialRevert(I.DistributionExhausted.selector);
        rewards.claimMany(one);
    }

    function test_offices_arePassedByTheirHoldersAlone() external {
        vm.expectPartialRevert(I.CallerNotAuthority.selector);
        rewards.passAuthority(ALICE);
        vm.expectPartialRevert(I.CallerNotGuardian.selector);
        rewards.passGuardian(ALICE);
        vm.prank(AUTHORITY);
        rewards.passAuthority(ALICE);
        vm.prank(GUARDIAN);
        rewards.passGuardian(BOB);
        assertTrue(rewards.authority() == ALICE, "authority");
        vm.prank(GUARDIAN);
        vm.expectPartialRevert(I.CallerNotGuardian.selector);
        rewards.veto(epoch);
    }

    /// @dev Any number of identities that deal with themselves get back less than they burn, whatever root they get posted.
    function testFuzz_dealingWithOneself_loses(uint96 burned, uint256 total, uint256 split) external {
        uint256 fees = bound(burned, 1e18, 20_000_000e18);
        burnFees(fees);
        nextEpoch();
        uint256 cap = rewards.capOf(epoch);
        total = bound(total, 1, cap);
        uint256 first = bound(split, 0, total);
        (bytes32 root, I.Share[] memory shares) = treeOf(epoch, [ALICE, BOB], [first, total - first]);
        post(epoch, root, total);
        vm.warp(block.timestamp + 24 hours);
        rewards.claimMany(shares);
        uint256 gained = token.balanceOf(ALICE) + token.balanceOf(BOB);
        assertAtMost(gained, (fees * 9) / 10, "of what was burned");
        assertAtMost(gained, FUND / 300, "of what was left");
    }

    /// @dev Whatever is posted and claimed over many epochs, what is paid stays within both bounds in each of them.
    function testFuzz_manyEpochs_stayWithinBounds(uint96[6] calldata burns, uint256[6] calldata totals) external {
        uint256 burnedInAll = 0;
        for (uint256 i = 0; i < burns.length; ++i) {
            uint256 fees = bound(burns[i], 1e18, 15_000_000e18);
            burnFees(fees);
            burnedInAll += fees;
            nextEpoch();
            uint256 left = rewards.remaining();
            uint256 cap = rewards.capOf(epoch + i);
            assertAtMost(cap, left / 300, "emission");
            assertAtMost(cap, (fees * 9) / 10, "burned");
            uint256 total = bound(totals[i], 1, cap);
            (bytes32 root, I.Share[] memory shares) = treeOf(epoch + i, [ALICE, BOB], [total / 2, total - total / 2]);
            post(epoch + i, root, total);
            vm.warp(block.timestamp + 24 hours);
            rewards.claimMany(shares);
        }
        assertAtMost(token.balanceOf(ALICE) + token.balanceOf(BOB), (burnedInAll * 9) / 10, "in all");
        assertEq(token.balanceOf(address(rewards)), rewards.remaining() + rewards.reserved(), "held");
    }

    function test_constructor_needsAnAuthorityAndAGuardian() external {
        address[] memory guardians = new address[](0);
        vm.expectPartialRevert(I.NoGuardian.selector);
        this.deployWith(AUTHORITY, guardians);
        guardians = new address[](1);
        vm.expectPartialRevert(I.ZeroAddress.selector);
        this.deployWith(AUTHORITY, guardians);
        guardians[0] = GUARDIAN;
        vm.expectPartialRevert(I.ZeroAddress.selector);
        this.deployWith(address(0), guardians);
    }

    function deployWith(address authority, address[] calldata guardians) external {
        deploy("SeedRewards", abi.encode(channels, authority, guardians));
    }

    function postTwo(uint256 first, uint256 second) private returns (bytes32 root, I.Share[] memory shares) {
        burnFees(1_000e18);
        nextEpoch();
        (root, shares) = treeOf(epoch, [ALICE, BOB], [first, second]);
        post(epoch, root, first + second);
    }

    function expectInvalidProof(I.Share[] memory shares) private {
        vm.expectPartialRevert(I.InvalidProof.selector);
        rewards.claimMany(shares);
    }
}
