// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBandwidthChannels} from "../interfaces/IBandwidthChannels.sol";
import {IPaymentToken} from "../interfaces/IPaymentToken.sol";
import {TestBase} from "./TestBase.sol";

/// @title A payer with a deposit, a payee, and what they sign.
abstract contract ChannelsBase is TestBase {
    uint256 internal constant PAYER_KEY = 0xA11CE;
    uint256 internal constant PAYEE_KEY = 0xB0B;
    uint256 internal constant SIGNER_KEY = 0x5E55;
    uint256 internal constant DEPOSIT = 1_000_000e18;
    uint32 internal constant CHALLENGE = 7 days;
    uint40 internal constant START = 1_800_000_000;

    address internal immutable payer = vm.addr(PAYER_KEY);
    address internal immutable payee = vm.addr(PAYEE_KEY);
    address internal immutable signer = vm.addr(SIGNER_KEY);
    IPaymentToken internal token;
    IBandwidthChannels internal channels;

    function setUp() public virtual {
        vm.warp(START);
        token = IPaymentToken(deployBtt(address(this)));
        channels = IBandwidthChannels(deploy("BandwidthChannels", abi.encode(token)));
        token.transfer(payer, DEPOSIT * 2);
        vm.startPrank(payer);
        token.approve(address(channels), type(uint256).max);
        channels.deposit(DEPOSIT);
        vm.stopPrank();
    }

    function keyOf(uint64 salt) internal view returns (IBandwidthChannels.ChannelKey memory) {
        return IBandwidthChannels.ChannelKey(payer, payee, signer, CHALLENGE, salt);
    }

    function idOf(uint64 salt) internal view returns (bytes32) {
        return channels.channelIdOf(keyOf(salt));
    }

    function open(uint64 salt, uint256 capacity) internal returns (bytes32 channelId) {
        IBandwidthChannels.Opening[] memory openings = new IBandwidthChannels.Opening[](1);
        openings[0] = IBandwidthChannels.Opening(payee, signer, CHALLENGE, salt, uint104(capacity));
        vm.prank(payer);
        return channels.openMany(openings)[0];
    }

    function claimOf(uint64 salt, uint256 total) internal view returns (IBandwidthChannels.Claim memory) {
        (bytes32 r, bytes32 vs) = signCompact(SIGNER_KEY, channels.voucherDigest(idOf(salt), total));
        return IBandwidthChannels.Claim(payer, signer, CHALLENGE, salt, total, r, vs);
    }

    function redeem(uint64 salt, uint256 total) internal returns (uint256) {
        return channels.redeemMany(payee, listOf(claimOf(salt, total)));
    }

    function listOf(IBandwidthChannels.Claim memory claim)
        internal
        pure
        returns (IBandwidthChannels.Claim[] memory claims)
    {
        claims = new IBandwidthChannels.Claim[](1);
        claims[0] = claim;
    }

    function feeOf(uint256 paid) internal pure returns (uint256) {
        return paid / 20;
    }
}
