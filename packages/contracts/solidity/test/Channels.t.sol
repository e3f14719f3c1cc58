// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBandwidthChannels as I} from "../interfaces/IBandwidthChannels.sol";
import {IPaymentToken} from "../interfaces/IPaymentToken.sol";
import {ChannelsBase} from "./ChannelsBase.sol";

/// @title Deposits, opening, redeeming and closing, as they are meant to go.
contract ChannelsTest is ChannelsBase {
    bytes32 private constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 private constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    function test_deposit_isFree_andComesBackWhole() external {
        assertEq(channels.freeOf(payer), DEPOSIT, "free");
        vm.prank(payer);
        channels.withdraw(DEPOSIT, address(0xCAFE));
        assertEq(token.balanceOf(address(0xCAFE)), DEPOSIT, "withdrawn");
        assertEq(channels.freeOf(payer), 0, "nothing left");
    }

    function test_depositFor_isThePayers() external {
        vm.prank(payer);
        channels.depositFor(payee, 5);
        assertEq(channels.freeOf(payee), 5, "free");
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(I.InsufficientFreeBalance.selector, payer, DEPOSIT, DEPOSIT + 1));
        channels.withdraw(DEPOSIT + 1, payer);
    }

    function test_depositWithPermit_needsNoApproval() external {
        vm.prank(payer);
        token.approve(address(channels), 0);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(100);
        vm.prank(payer);
        channels.depositWithPermit(100, block.timestamp, v, r, s);
        assertEq(channels.freeOf(payer), DEPOSIT + 100, "free");
    }

    function test_depositWithPermit_survivesWhoBringsThePermitFirst() external {
        vm.prank(payer);
        token.approve(address(channels), 0);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(100);
        token.permit(payer, address(channels), 100, block.timestamp, v, r, s);
        vm.prank(payer);
        channels.depositWithPermit(100, block.timestamp, v, r, s);
        assertEq(channels.freeOf(payer), DEPOSIT + 100, "free");
    }

    function test_depositWithPermit_ofNobody_reverts() external {
        vm.prank(address(0xBAD));
        vm.expectRevert();
        channels.depositWithPermit(100, block.timestamp, 27, bytes32(0), bytes32(0));
    }

    function test_depositWithAuthorization_canBeBroughtByAnybody_once() external {
        bytes32 structHash = keccak256(
            abi.encode(RECEIVE_TYPEHASH, payer, channels, uint256(7), uint256(0), type(uint256).max, bytes32(0))
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(PAYER_KEY, digest);
        channels.depositWithAuthorization(payer, 7, 0, type(uint256).max, bytes32(0), v, r, s);
        assertEq(channels.freeOf(payer), DEPOSIT + 7, "free");
        vm.expectPartialRevert(IPaymentToken.AuthorizationSpent.selector);
        channels.depositWithAuthorization(payer, 7, 0, type(uint256).max, bytes32(0), v, r, s);
        vm.expectPartialRevert(IPaymentToken.AuthorizationNotSigned.selector);
        channels.depositWithAuthorization(payer, 8, 0, type(uint256).max, bytes32(uint256(1)), v, r, s);
    }

    function test_open_reservesOutOfTheFreeBalance() external {
        bytes32 channelId = open(1, 1000);
        assertEq(channels.freeOf(payer), DEPOSIT - 1000, "free");
        assertEq(channels.channelOf(channelId).capacity, 1000, "capacity");
        assertTrue(
            channelId == keccak256(abi.encode(payer, payee, signer, CHALLENGE, uint64(1))), "identifier is the hash"
        );
    }

    function test_open_refusesWhatMakesNoSense() external {
        open(1, 10);
        expectOpenRevert(payee, signer, CHALLENGE, 1, 10, I.ChannelExists.selector);
        expectOpenRevert(payee, signer, CHALLENGE, 2, 0, I.ZeroAmount.selector);
        expectOpenRevert(payee, signer, CHALLENGE, 2, DEPOSIT, I.InsufficientFreeBalance.selector);
        expectOpenRevert(payee, address(0), CHALLENGE, 2, 10, I.InvalidSigner.selector);
        expectOpenRevert(payee, signer, 59, 2, 10, I.InvalidChallenge.selector);
        expectOpenRevert(payee, signer, 90 days + 1, 2, 10, I.InvalidChallenge.selector);
        expectOpenRevert(address(0), signer, CHALLENGE, 2, 10, I.InvalidPayee.selector);
        expectOpenRevert(address(token), signer, CHALLENGE, 2, 10, I.InvalidPayee.selector);
        expectOpenRevert(address(channels), signer, CHALLENGE, 2, 10, I.InvalidPayee.selector);
    }

    function test_open_twiceInOneCall_reverts() external {
        I.Opening[] memory openings = new I.Opening[](2);
        openings[0] = openings[1] = I.Opening(payee, signer, CHALLENGE, 1, 10);
        vm.prank(payer);
        vm.expectPartialRevert(I.ChannelExists.selector);
        channels.openMany(openings);
    }

    function test_open_manyTogether_cannotReserveMoreThanIsFree() external {
        I.Opening[] memory openings = new I.Opening[](2);
        openings[0] = I.Opening(payee, signer, CHALLENGE, 1, uint104(DEPOSIT));
        openings[1] = I.Opening(payee, signer, CHALLENGE, 2, 1);
        vm.prank(payer);
        vm.expectPartialRevert(I.InsufficientFreeBalance.selector);
        channels.openMany(openings);
    }

    function test_reserved_cannotBeWithdrawn() external {
        open(1, DEPOSIT);
        vm.prank(payer);
        vm.expectPartialRevert(I.InsufficientFreeBalance.selector);
        channels.withdraw(1, payer);
    }

    function test_redeem_paysThePayee_burnsATwentieth_byAnybody() external {
        open(1, 1000);
        uint256 supply = token.totalSupply();
        Stranger claimer = new Stranger();
        assertEq(claimer.redeem(channels, payee, listOf(claimOf(1, 400))), 400, "redeemed");
        assertEq(token.balanceOf(payee), 380, "payee");
        assertEq(supply - token.totalSupply(), 20, "burned");
        assertEq(channels.burnedIn(block.timestamp / 7 days), 20, "burned in the epoch");
    }

    function test_redeem_theNewestVoucherIsTheWholeClaim() external {
        open(1, 1000);
        redeem(1, 100);
        redeem(1, 700);
        assertEq(token.balanceOf(payee), 665, "payee");
        assertEq(channels.channelOf(idOf(1)).paid, 700, "paid");
    }

    function test_redeem_aboveCapacity_isWorthTheCapacity_andTheRestAfterTopUp() external {
        open(1, 1000);
        assertEq(redeem(1, 1500), 1000, "capacity");
        vm.prank(payer);
        channels.topUp(keyOf(1), 2000);
        assertEq(redeem(1, 1500), 500, "the rest");
    }

    function test_redeem_aHugeTotal_doesNotOverflow() external {
        open(1, 1000);
        assertEq(redeem(1, type(uint256).max), 1000, "capacity");
        assertEq(channels.channelOf(idOf(1)).paid, 1000, "paid");
    }

    function test_topUp_isThePayersAlone() external {
        open(1, 10);
        vm.expectRevert(abi.encodeWithSelector(I.CallerNotParty.selector, address(this), payer));
        channels.topUp(keyOf(1), 5);
        vm.startPrank(payer);
        vm.expectPartialRevert(I.ZeroAmount.selector);
        channels.topUp(keyOf(1), 0);
        vm.expectPartialRevert(I.ChannelNotOpen.selector);
        channels.topUp(keyOf(2), 5);
        vm.expectRevert();
        channels.topUp(keyOf(1), type(uint104).max);
        channels.topUp(keyOf(1), 5);
        vm.stopPrank();
        assertEq(channels.channelOf(idOf(1)).capacity, 15, "capacity");
    }

    function test_close_byConsent_settlesAtOnce() external {
        bytes32 channelId = open(1, 1000);
        (bytes32 r, bytes32 vs) = signCompact(PAYEE_KEY, channels.closeDigest(channelId, 300));
        vm.prank(payer);
        channels.close(keyOf(1), 300, r, vs);
        assertEq(token.balanceOf(payee), 285, "payee");
        assertEq(channels.freeOf(payer), DEPOSIT - 300, "free");
        assertEq(channels.channelOf(channelId).closableAt, type(uint48).max, "closed");
    }

    function test_release_givesUpTheRest() external {
        open(1, 1000);
        redeem(1, 200);
        vm.prank(payee);
        channels.release(keyOf(1));
        assertEq(channels.freeOf(payer), DEPOSIT - 200, "free");
    }

    function test_startClose_andFinalize_afterTheChallenge() external {
        open(1, 1000);
        vm.prank(payer);
        channels.startClose(keyOf(1));
        vm.warp(START + CHALLENGE);
        channels.finalize(keyOf(1));
        assertEq(channels.freeOf(payer), DEPOSIT, "free");
    }

    function test_multicall_depositsAndOpensInOneTransaction() external {
        I.Opening[] memory openings = new I.Opening[](1);
        openings[0] = I.Opening(payee, signer, CHALLENGE, 1, uint104(DEPOSIT + 50));
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(channels.deposit, (50));
        calls[1] = abi.encodeCall(channels.openMany, (openings));
        vm.prank(payer);
        IMulticall(address(channels)).multicall(calls);
        assertEq(channels.freeOf(payer), 0, "all reserved");
    }

    function test_attribute_emitsWhatTheSignerSays() external {
        bytes32 channelId = open(1, 1000);
        redeem(1, 400);
        bytes32 torrent = keccak256("torrent");
        I.Receipt[] memory receipts = new I.Receipt[](1);
        (bytes32 r, bytes32 vs) = signCompact(SIGNER_KEY, channels.receiptDigest(channelId, torrent, 5 << 20, 400));
        receipts[0] = I.Receipt(torrent, 5 << 20, 400, r, vs);
        vm.recordLogs();
        channels.attribute(keyOf(1), receipts);
        assertTrue(vm.getRecordedLogs()[0].topics[2] == torrent, "event");
        receipts[0].total = 401;
        vm.expectPartialRevert(I.ReceiptAbovePaid.selector);
        channels.attribute(keyOf(1), receipts);
        receipts[0].total = 399;
        vm.expectPartialRevert(I.NotSigned.selector);
        channels.attribute(keyOf(1), receipts);
    }

    function test_constructor_refusesATokenWithoutCode() external {
        try this.deployWith(address(0xDEAD)) {
            revert NotTrue("took a token without code");
        } catch (bytes memory reason) {
            assertTrue(bytes4(reason) == I.TokenWithoutCode.selector, "reason");
        }
    }

    function deployWith(address token_) external returns (address) {
        return deploy("BandwidthChannels", abi.encode(token_));
    }

    function expectOpenRevert(
        address payee_,
        address signer_,
        uint256 challenge,
        uint64 salt,
        uint256 capacity,
        bytes4 reason
    ) private {
        I.Opening[] memory openings = new I.Opening[](1);
        openings[0] = I.Opening(payee_, signer_, uint32(challenge), salt, uint104(capacity));
        vm.prank(payer);
        vm.expectPartialRevert(reason);
        channels.openMany(openings);
    }

    function signPermit(uint256 value) private view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 structHash = keccak256(
            abi.encode(PERMIT_TYPEHASH, payer, channels, value, token.nonces(payer), block.timestamp)
        );
        return vm.sign(PAYER_KEY, keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), structHash)));
    }
}

interface IMulticall {
    function multicall(bytes[] calldata calls) external returns (bytes[] memory);
}

/// @dev Somebody who has nothing to do with the channel.
contract Stranger {
    function redeem(I channels, address payee, I.Claim[] calldata claims) external returns (uint256) {
        return channels.redeemMany(payee, claims);
    }
}
