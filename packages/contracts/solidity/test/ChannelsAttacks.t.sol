// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBandwidthChannels as I} from "../interfaces/IBandwidthChannels.sol";
import {ChannelsBase} from "./ChannelsBase.sol";

/// @title What will be tried against the channels.
contract ChannelsAttacksTest is ChannelsBase {
    bytes4 private constant HIGH_S = bytes4(keccak256("ECDSAInvalidSignatureS(bytes32)"));

    function test_staleVoucher_isWorthNothing() external {
        open(1, 1000);
        redeem(1, 500);
        I.Claim memory same = claimOf(1, 500);
        I.Claim memory older = claimOf(1, 499);
        vm.expectPartialRevert(I.NothingToRedeem.selector);
        channels.redeemMany(payee, listOf(same));
        vm.expectPartialRevert(I.NothingToRedeem.selector);
        channels.redeemMany(payee, listOf(older));
    }

    function test_sameVoucherTwiceInABatch_countsOnce() external {
        open(1, 1000);
        I.Claim[] memory claims = new I.Claim[](2);
        claims[0] = claims[1] = claimOf(1, 500);
        assertEq(channels.redeemMany(payee, claims), 500, "once");
    }

    function test_batch_survivesWhoRedeemsOneOfItFirst() external {
        open(1, 1000);
        open(2, 1000);
        I.Claim[] memory claims = new I.Claim[](2);
        (claims[0], claims[1]) = (claimOf(1, 500), claimOf(2, 700));
        channels.redeemMany(payee, listOf(claims[0]));
        assertEq(channels.redeemMany(payee, claims), 700, "the other");
    }

    function test_batch_survivesAPayerWhoClosesFirst() external {
        open(1, 1000);
        open(2, 1000);
        I.Claim[] memory claims = new I.Claim[](2);
        (claims[0], claims[1]) = (claimOf(1, 500), claimOf(2, 700));
        vm.prank(payer);
        channels.startClose(keyOf(1));
        vm.warp(START + CHALLENGE);
        channels.finalize(keyOf(1));
        assertEq(channels.redeemMany(payee, claims), 700, "the other");
    }

    function test_voucherOfAnotherChain_reverts() external {
        open(1, 1000);
        I.Claim memory claim = claimOf(1, 500);
        vm.chainId(block.chainid + 1);
        vm.expectPartialRevert(I.NotSigned.selector);
        channels.redeemMany(payee, listOf(claim));
    }

    function test_voucherOfAnotherContract_reverts() external {
        open(1, 1000);
        I other = I(deploy("BandwidthChannels", abi.encode(token)));
        (bytes32 r, bytes32 vs) = signCompact(SIGNER_KEY, other.voucherDigest(idOf(1), 500));
        vm.expectPartialRevert(I.NotSigned.selector);
        channels.redeemMany(payee, listOf(I.Claim(payer, signer, CHALLENGE, 1, 500, r, vs)));
    }

    function test_voucherOfAnotherChannel_reverts_thoughTheSignerIsTheSame() external {
        open(1, 1000);
        open(2, 1000);
        I.Claim memory claim = claimOf(1, 500);
        claim.salt = 2;
        vm.expectPartialRevert(I.NotSigned.selector);
        channels.redeemMany(payee, listOf(claim));
    }

    function test_voucher_cannotBePaidToAnotherPayee() external {
        open(1, 1000);
        I.Claim memory claim = claimOf(1, 500);
        // Another payee means another channel, which does not exist.
        vm.expectPartialRevert(I.NothingToRedeem.selector);
        channels.redeemMany(address(0xBAD), listOf(claim));
    }

    function test_voucherWithAnotherTotal_reverts() external {
        open(1, 1000);
        I.Claim memory claim = claimOf(1, 500);
        claim.total = 501;
        vm.expectPartialRevert(I.NotSigned.selector);
        channels.redeemMany(payee, listOf(claim));
    }

    function test_voucherByAnybodyButTheSigner_reverts() external {
        open(1, 1000);
        uint256[2] memory keys = [PAYER_KEY, PAYEE_KEY];
        for (uint256 i = 0; i < keys.length; ++i) {
            (bytes32 r, bytes32 vs) = signCompact(keys[i], channels.voucherDigest(idOf(1), 500));
            vm.expectPartialRevert(I.NotSigned.selector);
            channels.redeemMany(payee, listOf(I.Claim(payer, signer, CHALLENGE, 1, 500, r, vs)));
        }
    }

    function test_signatureOfTheOtherS_reverts() external {
        open(1, 1000);
        I.Claim memory claim = claimOf(1, 500);
        // ERC-2098 has no room for a high s: it would take the parity bit, so what it decodes to is another key's.
        uint256 s = uint256(claim.vs) & (type(uint256).max >> 1);
        claim.vs = bytes32(CURVE_ORDER - s);
        vm.expectRevert();
        channels.redeemMany(payee, listOf(claim));
        // A 255-bit s above half of the order is refused by name.
        claim.vs = bytes32((CURVE_ORDER >> 1) + 1);
        vm.expectPartialRevert(HIGH_S);
        channels.redeemMany(payee, listOf(claim));
    }

    function test_emptySignature_reverts() external {
        open(1, 1000);
        vm.expectRevert();
        channels.redeemMany(payee, listOf(I.Claim(payer, signer, CHALLENGE, 1, 500, 0, 0)));
    }

    function test_voucher_cannotPassForConsentToClose_norConsentForAVoucher() external {
        bytes32 channelId = open(1, 1000);
        (bytes32 r, bytes32 vs) = signCompact(PAYEE_KEY, channels.voucherDigest(channelId, 1));
        vm.prank(payer);
        vm.expectPartialRevert(I.NotSigned.selector);
        channels.close(keyOf(1), 1, r, vs);
        (r, vs) = signCompact(SIGNER_KEY, channels.closeDigest(channelId, 500));
        vm.expectPartialRevert(I.NotSigned.selector);
        channels.redeemMany(payee, listOf(I.Claim(payer, signer, CHALLENGE, 1, 500, r, vs)));
    }

    function test_payee_cannotCloseAtATotalItSignedItself() external {
        bytes32 channelId = open(1, 1000);
        (bytes32 r, bytes32 vs) = signCompact(PAYEE_KEY, channels.closeDigest(channelId, 1000));
        vm.prank(payee);
        vm.expectPartialRevert(I.CallerNotParty.selector);
        channels.close(keyOf(1), 1000, r, vs);
    }

    function test_close_aboveCapacity_reverts() external {
        bytes32 channelId = open(1, 1000);
        (bytes32 r, bytes32 vs) = signCompact(PAYEE_KEY, channels.closeDigest(channelId, 1001));
        vm.prank(payer);
        vm.expectPartialRevert(I.TotalAboveCapacity.selector);
        channels.close(keyOf(1), 1001, r, vs);
    }

    function test_closeRace_redeemFirst_leavesThePayeeWhatItHas() external {
        bytes32 channelId = open(1, 1000);
        (bytes32 r, bytes32 vs) = signCompact(PAYEE_KEY, channels.closeDigest(channelId, 300));
        redeem(1, 500);
        vm.prank(payer);
        channels.close(keyOf(1), 300, r, vs);
        assertEq(token.balanceOf(payee), 475, "payee");
        assertEq(channels.freeOf(payer), DEPOSIT - 500, "payer");
    }

    function test_closeRace_closeFirst_makesLaterVouchersWorthless() external {
        bytes32 channelId = open(1, 1000);
        I.Claim memory claim = claimOf(1, 500);
        (bytes32 r, bytes32 vs) = signCompact(PAYEE_KEY, channels.closeDigest(channelId, 300));
        vm.prank(payer);
        channels.close(keyOf(1), 300, r, vs);
        vm.expectPartialRevert(I.NothingToRedeem.selector);
        channels.redeemMany(payee, listOf(claim));
        vm.prank(payer);
        vm.expectPartialRevert(I.ChannelNotOpen.selector);
        channels.close(keyOf(1), 300, r, vs);
    }

    function test_payer_cannotLeaveInsideTheChallenge() external {
        open(1, 1000);
        vm.expectPartialRevert(I.NotClosable.selector);
        channels.finalize(keyOf(1));
        vm.startPrank(payer);
        channels.startClose(keyOf(1));
        vm.expectPartialRevert(I.ChannelClosing.selector);
        channels.startClose(keyOf(1));
        vm.expectPartialRevert(I.ChannelClosing.selector);
        channels.topUp(keyOf(1), 1);
        vm.warp(START + CHALLENGE - 1);
        vm.expectPartialRevert(I.NotClosable.selector);
        channels.finalize(keyOf(1));
        vm.stopPrank();
        assertEq(redeem(1, 1000), 1000, "still redeemable");
    }

    function test_redeem_afterTheChallenge_beforeFinalize_counts() external {
        open(1, 1000);
        vm.prank(payer);
        channels.startClose(keyOf(1));
        vm.warp(START + CHALLENGE + 30 days);
        assertEq(redeem(1, 900), 900, "redeemed");
        channels.finalize(keyOf(1));
        assertEq(channels.freeOf(payer), DEPOSIT - 900, "payer");
    }

    function test_closed_neverOpensAgain() external {
        open(1, 1000);
        vm.prank(payee);
        channels.release(keyOf(1));
        I.Opening[] memory openings = new I.Opening[](1);
        openings[0] = I.Opening(payee, signer, CHALLENGE, 1, 10);
        vm.startPrank(payer);
        vm.expectPartialRevert(I.ChannelExists.selector);
        channels.openMany(openings);
        vm.expectPartialRevert(I.ChannelNotOpen.selector);
        channels.topUp(keyOf(1), 1);
        vm.expectPartialRevert(I.ChannelNotOpen.selector);
        channels.startClose(keyOf(1));
        vm.stopPrank();
        vm.expectPartialRevert(I.ChannelNotOpen.selector);
        channels.finalize(keyOf(1));
        vm.prank(payee);
        vm.expectPartialRevert(I.ChannelNotOpen.selector);
        channels.release(keyOf(1));
    }

    function test_oldVoucher_meansNothingToTheNextChannelOfTheSameTwo() external {
        open(1, 1000);
        I.Claim memory old = claimOf(1, 800);
        vm.prank(payee);
        channels.release(keyOf(1));
        open(2, 1000);
        vm.expectPartialRevert(I.NothingToRedeem.selector);
        channels.redeemMany(payee, listOf(old));
        old.salt = 2;
        vm.expectPartialRevert(I.NotSigned.selector);
        channels.redeemMany(payee, listOf(old));
    }

    function test_anotherPayer_cannotTakeAChannelsPlace() external {
        I.Opening[] memory openings = new I.Opening[](1);
        openings[0] = I.Opening(payee, signer, CHALLENGE, 1, 10);
        token.approve(address(channels), 10);
        channels.deposit(10);
        channels.openMany(openings);
        open(1, 1000);
        assertEq(channels.channelOf(idOf(1)).capacity, 1000, "its own");
    }

    function test_onlyParties_close() external {
        open(1, 1000);
        vm.expectPartialRevert(I.CallerNotParty.selector);
        channels.startClose(keyOf(1));
        vm.expectPartialRevert(I.CallerNotParty.selector);
        channels.release(keyOf(1));
        vm.prank(payee);
        vm.expectPartialRevert(I.CallerNotParty.selector);
        channels.startClose(keyOf(1));
        vm.prank(payer);
        vm.expectPartialRevert(I.CallerNotParty.selector);
        channels.release(keyOf(1));
    }

    function test_attribute_ofAnotherSigner_reverts() external {
        bytes32 channelId = open(1, 1000);
        redeem(1, 400);
        I.Receipt[] memory receipts = new I.Receipt[](1);
        (bytes32 r, bytes32 vs) = signCompact(PAYEE_KEY, channels.receiptDigest(channelId, bytes32("t"), 1, 400));
        receipts[0] = I.Receipt(bytes32("t"), 1, 400, r, vs);
        vm.expectPartialRevert(I.NotSigned.selector);
        channels.attribute(keyOf(1), receipts);
    }
}
