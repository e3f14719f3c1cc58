// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBandwidthChannels as I} from "../interfaces/IBandwidthChannels.sol";
import {IPaymentToken} from "../interfaces/IPaymentToken.sol";
import {TestBase} from "./TestBase.sol";

/// @title Three payers and two payees who do anything the contract lets them, and what they should have by then.
contract ChannelsHandler is TestBase {
    uint256 public constant PARTIES = 3;
    uint256 private constant LIMIT = 1e24;

    IPaymentToken public immutable token;
    I public immutable channels;
    I.ChannelKey[] public keys;

    /// @notice What each payee should have been paid.
    mapping(address payee => uint256) public earned;
    /// @notice The most that a voucher which was brought in time was worth.
    mapping(bytes32 channelId => uint256) public owed;
    mapping(bytes32 channelId => uint256) public closeStartedAt;
    mapping(bytes32 channelId => uint256) public closedAt;
    mapping(bytes32 channelId => bool) public agreed;
    uint256 public burned;
    uint256 public withdrawn;
    uint256 public deposited;
    uint256 private _now;

    constructor(IPaymentToken token_, I channels_) {
        token = token_;
        channels = channels_;
        _now = block.timestamp;
    }

    modifier inTime() {
        vm.warp(_now);
        _;
    }

    function keyCount() external view returns (uint256) {
        return keys.length;
    }

    function payerOf(uint256 index) public pure returns (address) {
        return vm.addr(1000 + (index % PARTIES));
    }

    function payeeOf(uint256 index) public pure returns (address) {
        return vm.addr(2000 + (index % 2));
    }

    function wait(uint256 seconds_) external {
        _now += bound(seconds_, 1, 3 days);
    }

    function deposit(uint256 who, uint256 amount) external inTime {
        amount = bound(amount, 1, LIMIT);
        address payer = payerOf(who);
        token.transfer(payer, amount);
        vm.startPrank(payer);
        token.approve(address(channels), amount);
        channels.deposit(amount);
        vm.stopPrank();
        deposited += amount;
    }

    function withdraw(uint256 who, uint256 amount) external inTime {
        address payer = payerOf(who);
        uint256 free = channels.freeOf(payer);
        if (free == 0) return;
        amount = bound(amount, 1, free);
        vm.prank(payer);
        channels.withdraw(amount, address(this));
        withdrawn += amount;
    }

    function open(uint256 who, uint256 whom, uint256 capacity, uint32 challenge) external inTime {
        address payer = payerOf(who);
        uint256 free = channels.freeOf(payer);
        if (free == 0) return;
        I.Opening[] memory openings = new I.Opening[](1);
        uint64 salt = uint64(keys.length);
        challenge = uint32(bound(challenge, 1 minutes, 10 days));
        openings[0] =
            I.Opening(payeeOf(whom), vm.addr(3000), challenge, salt, uint104(bound(capacity, 1, free)));
        vm.prank(payer);
        channels.openMany(openings);
        keys.push(I.ChannelKey(payer, payeeOf(whom), vm.addr(3000), challenge, salt));
    }

    function topUp(uint256 which, uint256 amount) external inTime {
        (bool found, I.ChannelKey memory key, I.Channel memory channel,) = pick(which);
        uint256 free = found ? channels.freeOf(key.payer) : 0;
        if (free == 0 || channel.closableAt != 0) return;
        vm.prank(key.payer);
        channels.topUp(key, uint104(bound(amount, 1, free)));
    }

    function redeem(uint256 which, uint256 total) external inTime {
        (bool found, I.ChannelKey memory key, I.Channel memory channel, bytes32 channelId) = pick(which);
        if (!found) return;
        total = bound(total, 1, LIMIT);
        I.Claim[] memory claims = new I.Claim[](1);
        (bytes32 r, bytes32 vs) = signCompact(3000, channels.voucherDigest(channelId, total));
        claims[0] = I.Claim(key.payer, key.signer, key.challengeSeconds, key.salt, total, r, vs);
        uint256 worth = total < channel.capacity ? total : channel.capacity;
        if (worth <= owed[channelId]) {
            vm.expectPartialRevert(I.NothingToRedeem.selector);
            channels.redeemMany(key.payee, claims);
            return;
        }
        channels.redeemMany(key.payee, claims);
        settle(channelId, key.payee, worth);
    }

    function startClose(uint256 which) external inTime {
        (bool found, I.ChannelKey memory key, I.Channel memory channel, bytes32 channelId) = pick(which);
        if (!found || channel.closableAt != 0) return;
        vm.prank(key.payer);
        channels.startClose(key);
        closeStartedAt[channelId] = block.timestamp;
    }

    function finalize(uint256 which) external inTime {
        (bool found, I.ChannelKey memory key, I.Channel memory channel, bytes32 channelId) = pick(which);
        if (!found) return;
        if (channel.closableAt == 0 || channel.closableAt > block.timestamp) {
            vm.expectPartialRevert(I.NotClosable.selector);
            channels.finalize(key);
            return;
        }
        channels.finalize(key);
        closedAt[channelId] = block.timestamp;
    }

    function close(uint256 which, uint256 total) external inTime {
        (bool found, I.ChannelKey memory key, I.Channel memory channel, bytes32 channelId) = pick(which);
        if (!found) return;
        total = bound(total, 0, channel.capacity);
        uint256 payeeKey = key.payee == vm.addr(2000) ? 2000 : 2001;
        (bytes32 r, bytes32 vs) = signCompact(payeeKey, channels.closeDigest(channelId, total));
        vm.prank(key.payer);
        channels.close(key, total, r, vs);
        if (total > owed[channelId]) settle(channelId, key.payee, total);
        (agreed[channelId], closedAt[channelId]) = (true, block.timestamp);
    }

    function release(uint256 which) external inTime {
        (bool found, I.ChannelKey memory key,, bytes32 channelId) = pick(which);
        if (!found) return;
        vm.prank(key.payee);
        channels.release(key);
        (agreed[channelId], closedAt[channelId]) = (true, block.timestamp);
    }

    function settle(bytes32 channelId, address payee, uint256 worth) private {
        uint256 before = owed[channelId];
        uint256 fee = worth / 20 - before / 20;
        earned[payee] += worth - before - fee;
        burned += fee;
        owed[channelId] = worth;
    }

    /// @dev A channel that is not closed, if the number falls on one.
    function pick(uint256 which)
        private
        view
        returns (bool found, I.ChannelKey memory key, I.Channel memory channel, bytes32 channelId)
    {
        if (keys.length == 0) return (false, key, channel, channelId);
        key = keys[which % keys.length];
        channelId = channels.channelIdOf(key);
        channel = channels.channelOf(channelId);
        found = channel.closableAt != type(uint48).max;
    }
}
