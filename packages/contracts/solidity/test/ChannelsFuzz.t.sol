// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBandwidthChannels as I} from "../interfaces/IBandwidthChannels.sol";
import {ChannelsBase} from "./ChannelsBase.sol";

/// @title What holds for all amounts and orders.
contract ChannelsFuzzTest is ChannelsBase {
    function testFuzz_redeem_orderAndNumberDoNotMatter(uint96 capacity, uint96[5] calldata totals) external {
        uint256 room = bound(capacity, 1, DEPOSIT / 2);
        open(1, room);
        open(2, room);
        uint256 newest = 1;
        for (uint256 i = 0; i < totals.length; ++i) {
            uint256 total = bound(totals[i], 1, DEPOSIT);
            if (total > newest) newest = total;
            I.Claim memory claim = claimOf(1, total);
            try channels.redeemMany(payee, listOf(claim)) {} catch {}
        }
        redeemIfDue(1, newest);
        uint256 inPieces = token.balanceOf(payee);
        uint256 burnedInPieces = channels.burnedIn(block.timestamp / 7 days);
        redeem(2, newest);
        assertEq(token.balanceOf(payee), 2 * inPieces, "paid alike");
        assertEq(channels.burnedIn(block.timestamp / 7 days), 2 * burnedInPieces, "burned alike");
        assertEq(channels.channelOf(idOf(1)).paid, channels.channelOf(idOf(2)).paid, "same state");
    }

    function testFuzz_cuttingUp_savesNoFee(uint8 pieces, uint8 size) external {
        uint256 count = bound(pieces, 1, 30);
        uint256 step = bound(size, 1, 39);
        open(1, DEPOSIT);
        for (uint256 i = 1; i <= count; ++i) {
            redeem(1, i * step);
        }
        assertEq(channels.burnedIn(block.timestamp / 7 days), (count * step) / 20, "burned");
    }

    function testFuzz_close_settlesExactly(uint256 capacity, uint256 redeemed, uint256 total) external {
        capacity = bound(capacity, 1, DEPOSIT);
        redeemed = bound(redeemed, 0, capacity);
        total = bound(total, 0, capacity);
        bytes32 channelId = open(1, capacity);
        if (redeemed != 0) redeem(1, redeemed);
        (bytes32 r, bytes32 vs) = signCompact(PAYEE_KEY, channels.closeDigest(channelId, total));
        vm.prank(payer);
        channels.close(keyOf(1), total, r, vs);
        uint256 paid = total > redeemed ? total : redeemed;
        assertEq(token.balanceOf(payee), paid - feeOf(paid), "payee");
        assertEq(channels.freeOf(payer), DEPOSIT - paid, "payer");
        assertEq(token.balanceOf(address(channels)), DEPOSIT - paid, "held");
    }

    function testFuzz_signatures_ofOtherKeysRevert(uint256 privateKey, uint256 total) external {
        privateKey = bound(privateKey, 1, CURVE_ORDER - 1);
        vm.assume(privateKey != SIGNER_KEY);
        total = bound(total, 1, 1000);
        open(1, 1000);
        (bytes32 r, bytes32 vs) = signCompact(privateKey, channels.voucherDigest(idOf(1), total));
        vm.expectPartialRevert(I.NotSigned.selector);
        channels.redeemMany(payee, listOf(I.Claim(payer, signer, CHALLENGE, 1, total, r, vs)));
    }

    function testFuzz_signatures_ofNoiseRevert(bytes32 r, bytes32 vs, uint256 total) external {
        open(1, 1000);
        vm.expectRevert();
        channels.redeemMany(payee, listOf(I.Claim(payer, signer, CHALLENGE, 1, bound(total, 1, 1000), r, vs)));
    }

    function testFuzz_challenge_isKept(uint32 challenge, uint32 wait) external {
        challenge = uint32(bound(challenge, 1 minutes, 90 days));
        I.Opening[] memory openings = new I.Opening[](1);
        openings[0] = I.Opening(payee, signer, challenge, 1, 1000);
        vm.startPrank(payer);
        channels.openMany(openings);
        I.ChannelKey memory key = I.ChannelKey(payer, payee, signer, challenge, 1);
        channels.startClose(key);
        vm.warp(START + bound(wait, 0, 180 days));
        if (block.timestamp < uint256(START) + challenge) vm.expectPartialRevert(I.NotClosable.selector);
        channels.finalize(key);
        vm.stopPrank();
    }

    function redeemIfDue(uint64 salt, uint256 total) private {
        I.Claim memory claim = claimOf(salt, total);
        try channels.redeemMany(payee, listOf(claim)) {} catch {}
    }
}
