// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISeedRewards} from "../interfaces/ISeedRewards.sol";
import {ChannelsBase} from "./ChannelsBase.sol";

interface ISeedRewardsState is ISeedRewards {
    function reserved() external view returns (uint256);
    function firstEpoch() external view returns (uint256);
}

/// @title Rewards over channels in which fees have been burned.
abstract contract RewardsBase is ChannelsBase {
    uint256 internal constant FUND = 3_000_000_000e18;
    address internal constant AUTHORITY = address(0xA07);
    address internal constant GUARDIAN = address(0x6A2D);
    ISeedRewardsState internal rewards;
    uint256 internal epoch;
    uint64 private _salt;

    function setUp() public virtual override {
        super.setUp();
        address[] memory guardians = new address[](1);
        guardians[0] = GUARDIAN;
        rewards = ISeedRewardsState(deploy("SeedRewards", abi.encode(channels, AUTHORITY, guardians)));
        token.transfer(address(rewards), FUND);
        epoch = block.timestamp / 7 days;
    }

    /// @dev Redeems so that exactly `burned` is burned in the present epoch.
    function burnFees(uint256 burned) internal {
        ++_salt;
        token.transfer(payer, burned * 20);
        vm.prank(payer);
        channels.deposit(burned * 20);
        open(_salt, burned * 20);
        redeem(_salt, burned * 20);
    }

    function nextEpoch() internal {
        vm.warp((block.timestamp / 7 days + 1) * 7 days);
    }

    /// @dev The tree over two shares, which is enough for every proof there is to forge.
    function treeOf(uint256 forEpoch, address[2] memory accounts, uint256[2] memory amounts)
        internal
        view
        returns (bytes32 root, ISeedRewards.Share[] memory shares)
    {
        bytes32[2] memory leaves;
        shares = new ISeedRewards.Share[](2);
        for (uint256 i = 0; i < 2; ++i) {
            leaves[i] = rewards.leafOf(forEpoch, i, accounts[i], amounts[i]);
        }
        for (uint256 i = 0; i < 2; ++i) {
            bytes32[] memory proof = new bytes32[](1);
            proof[0] = leaves[1 - i];
            shares[i] = ISeedRewards.Share(forEpoch, i, accounts[i], amounts[i], proof);
        }
        root = hashPair(leaves[0], leaves[1]);
    }

    function hashPair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encodePacked(a, b)) : keccak256(abi.encodePacked(b, a));
    }

    function post(uint256 forEpoch, bytes32 root, uint256 total) internal {
        vm.prank(AUTHORITY);
        rewards.post(forEpoch, root, total, bytes32(0));
    }
}
