// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBandwidthChannels as I} from "../interfaces/IBandwidthChannels.sol";
import {IPaymentToken} from "../interfaces/IPaymentToken.sol";
import {ChannelsHandler} from "./ChannelsHandler.sol";
import {TestBase} from "./TestBase.sol";

/// @title What holds after anything that anybody did.
contract ChannelsInvariantTest is TestBase {
    IPaymentToken private token;
    I private channels;
    ChannelsHandler private handler;

    function setUp() external {
        vm.warp(1_800_000_000);
        token = IPaymentToken(deployBtt(address(this)));
        channels = I(deploy("BandwidthChannels", abi.encode(token)));
        handler = new ChannelsHandler(token, channels);
        token.transfer(address(handler), token.totalSupply());
        for (uint256 i = 0; i < handler.PARTIES(); ++i) {
            handler.deposit(i, 1e24);
            handler.open(i, i, 1e23, 1 days);
        }
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_freeAndReserved_areWhatIsHeld() external view {
        uint256 sum = 0;
        for (uint256 i = 0; i < handler.PARTIES(); ++i) {
            sum += channels.freeOf(handler.payerOf(i));
        }
        for (uint256 i = 0; i < handler.keyCount(); ++i) {
            I.Channel memory channel = channelAt(i);
            assertAtMost(channel.paid, channel.capacity, "paid within capacity");
            sum += channel.capacity - channel.paid;
        }
        assertEq(sum, token.balanceOf(address(channels)), "held");
    }

    function invariant_payeesHaveWhatTheirVouchersAreWorth() external view {
        for (uint256 i = 0; i < 2; ++i) {
            address payee = handler.payeeOf(i);
            assertEq(token.balanceOf(payee), handler.earned(payee), "payee");
        }
        for (uint256 i = 0; i < handler.keyCount(); ++i) {
            assertEq(channelAt(i).paid, handler.owed(idAt(i)), "newest voucher");
        }
    }

    function invariant_aTwentiethOfEachChannelIsBurned() external view {
        uint256 burned = 0;
        for (uint256 i = 0; i < handler.keyCount(); ++i) {
            burned += channelAt(i).paid / 20;
        }
        assertEq(burned, handler.burned(), "by channel");
        assertEq(10_000_000_000e18 - token.totalSupply(), burned, "of the supply");
    }

    function invariant_nobodyIsClosedOutInsideTheChallenge() external view {
        for (uint256 i = 0; i < handler.keyCount(); ++i) {
            bytes32 channelId = idAt(i);
            uint256 closedAt = handler.closedAt(channelId);
            if (closedAt == 0 || handler.agreed(channelId)) continue;
            (,,, uint32 challenge,) = handler.keys(i);
            assertTrue(closedAt >= handler.closeStartedAt(channelId) + challenge, "challenge");
        }
    }

    function channelAt(uint256 index) private view returns (I.Channel memory) {
        return channels.channelOf(idAt(index));
    }

    function idAt(uint256 index) private view returns (bytes32) {
        (address payer, address payee, address signer, uint32 challenge, uint64 salt) = handler.keys(index);
        return channels.channelIdOf(I.ChannelKey(payer, payee, signer, challenge, salt));
    }
}
