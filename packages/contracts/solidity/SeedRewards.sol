// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {IBandwidthChannels} from "./interfaces/IBandwidthChannels.sol";
import {ISeedRewards} from "./interfaces/ISeedRewards.sol";

/// @title Rewards for seeding.
/// @dev Kept at all times: reserved = sum over epochs of total - claimed <= tokens held. A root that lies can give one
/// epoch's total to the wrong accounts, and nothing else; within 24 hours a guardian can stop it. A guardian can
/// hold rewards up, and take nothing.
contract SeedRewards is ISeedRewards, ReentrancyGuard {
    using SafeERC20 for IERC20;
    using BitMaps for BitMaps.BitMap;

    /// @notice A week, as `BandwidthChannels` counts.
    uint256 public constant EPOCH_SECONDS = 7 days;
    /// @notice How long a root can be refused.
    uint256 public constant VETO_SECONDS = 24 hours;
    /// @notice How long shares can be claimed.
    uint256 public constant CLAIM_SECONDS = 365 days;
    /// @notice An epoch gets at most a 300th of what is left: half is gone after 208 epochs, four years.
    uint256 public constant EMISSION_DIVISOR = 300;
    /// @notice An epoch gets at most 90% of what was burned in it: who deals with itself loses the rest.
    uint256 public constant BURN_BASIS_POINTS = 9_000;

    /// @notice The token of rewards.
    IERC20 public immutable token;
    /// @inheritdoc ISeedRewards
    IBandwidthChannels public immutable channels;
    /// @notice The first epoch that can be posted: the one in which this contract was deployed.
    uint256 public immutable firstEpoch;

    /// @inheritdoc ISeedRewards
    address public authority;
    /// @notice Wei that roots have a claim on.
    uint256 public reserved;
    /// @notice Who may veto.
    mapping(address account => bool) public isGuardian;

    mapping(uint256 epoch => Distribution) private _distributions;
    mapping(uint256 epoch => BitMaps.BitMap) private _claimed;

    /// @param channels_ Names the token too.
    /// @param authority_ Who posts roots.
    /// @param guardians Who may veto, each alone; at least one.
    constructor(IBandwidthChannels channels_, address authority_, address[] memory guardians) {
        if (authority_ == address(0)) revert ZeroAddress();
        if (guardians.length == 0) revert NoGuardian();
        for (uint256 i = 0; i < guardians.length; ++i) {
            if (guardians[i] == address(0)) revert ZeroAddress();
            isGuardian[guardians[i]] = true;
        }
        channels = channels_;
        token = channels_.token();
        authority = authority_;
        firstEpoch = block.timestamp / EPOCH_SECONDS;
    }

    /// @inheritdoc ISeedRewards
    function post(uint256 epoch, bytes32 root, uint256 total, bytes32 contentHash) external {
        if (msg.sender != authority) revert CallerNotAuthority(msg.sender);
        if (_distributions[epoch].root != 0) revert AlreadyPosted(epoch);
        if (root == 0 || total == 0) revert EmptyDistribution();
        uint256 cap = capOf(epoch);
        if (total > cap) revert TotalAboveCap(total, cap);
        uint256 claimableAt = block.timestamp + VETO_SECONDS;
        _distributions[epoch] = Distribution({root: root, total: total, claimed: 0, claimableAt: claimableAt});
        reserved += total;
        emit Posted(epoch, root, total, claimableAt, contentHash);
    }

    /// @inheritdoc ISeedRewards
    function veto(uint256 epoch) external {
        if (!isGuardian[msg.sender]) revert CallerNotGuardian(msg.sender);
        Distribution memory distribution = _posted(epoch);
        if (block.timestamp >= distribution.claimableAt) revert VetoOver(epoch, distribution.claimableAt);
        reserved -= distribution.total;
        delete _distributions[epoch];
        emit Vetoed(epoch, distribution.root, msg.sender);
    }

    /// @inheritdoc ISeedRewards
    function claimMany(Share[] calldata shares) external nonReentrant {
        for (uint256 i = 0; i < shares.length; ++i) {
            _claim(shares[i]);
        }
    }

    /// @inheritdoc ISeedRewards
    function expire(uint256 epoch) external {
        Distribution memory distribution = _posted(epoch);
        uint256 expiresAt = distribution.claimableAt + CLAIM_SECONDS;
        if (block.timestamp < expiresAt) revert NotExpired(epoch, expiresAt);
        uint256 unclaimed = distribution.total - distribution.claimed;
        _distributions[epoch].total = distribution.claimed;
        reserved -= unclaimed;
        emit Expired(epoch, unclaimed);
    }

    /// @inheritdoc ISeedRewards
    function passAuthority(address to) external {
        if (msg.sender != authority) revert CallerNotAuthority(msg.sender);
        if (to == address(0)) revert ZeroAddress();
        authority = to;
        emit AuthorityPassed(msg.sender, to);
    }

    /// @inheritdoc ISeedRewards
    function passGuardian(address to) external {
        if (!isGuardian[msg.sender]) revert CallerNotGuardian(msg.sender);
        if (to == address(0)) revert ZeroAddress();
        isGuardian[msg.sender] = false;
        isGuardian[to] = true;
        emit GuardianPassed(msg.sender, to);
    }

    /// @inheritdoc ISeedRewards
    function distributionOf(uint256 epoch) external view returns (Distribution memory) {
        return _distributions[epoch];
    }

    /// @inheritdoc ISeedRewards
    function isClaimed(uint256 epoch, uint256 index) external view returns (bool) {
        return _claimed[epoch].get(index);
    }

    /// @inheritdoc ISeedRewards
    function capOf(uint256 epoch) public view returns (uint256) {
        uint256 current = block.timestamp / EPOCH_SECONDS;
        if (epoch < firstEpoch || epoch >= current) revert EpochOutOfRange(epoch, firstEpoch, current);
        uint256 emission = remaining() / EMISSION_DIVISOR;
        uint256 covered = (channels.burnedIn(epoch) * BURN_BASIS_POINTS) / 10_000;
        return emission < covered ? emission : covered;
    }

    /// @inheritdoc ISeedRewards
    function remaining() public view returns (uint256) {
        return token.balanceOf(address(this)) - reserved;
    }

    /// @inheritdoc ISeedRewards
    function leafOf(uint256 epoch, uint256 index, address account, uint256 amount) public pure returns (bytes32) {
        // Hashed twice: no inner node, which is 64 bytes hashed once, can pass for a leaf.
        return keccak256(bytes.concat(keccak256(abi.encode(epoch, index, account, amount))));
    }

    function _claim(Share calldata share) private {
        Distribution storage distribution = _distributions[share.epoch];
        if (distribution.root == 0) revert NotPosted(share.epoch);
        if (block.timestamp < distribution.claimableAt) revert NotClaimable(share.epoch, distribution.claimableAt);
        if (_claimed[share.epoch].get(share.index)) revert AlreadyClaimed(share.epoch, share.index);
        bytes32 leaf = leafOf(share.epoch, share.index, share.account, share.amount);
        if (!MerkleProof.verifyCalldata(share.proof, distribution.root, leaf)) {
            revert InvalidProof(share.epoch, share.index);
        }
        uint256 left = distribution.total - distribution.claimed;
        if (share.amount > left) revert DistributionExhausted(share.epoch, left, share.amount);
        _claimed[share.epoch].set(share.index);
        distribution.claimed += share.amount;
        reserved -= share.amount;
        emit Claimed(share.epoch, share.index, share.account, share.amount);
        token.safeTransfer(share.account, share.amount);
    }

    function _posted(uint256 epoch) private view returns (Distribution memory distribution) {
        distribution = _distributions[epoch];
        if (distribution.root == 0) revert NotPosted(epoch);
    }
}
