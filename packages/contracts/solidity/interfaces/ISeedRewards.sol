// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBandwidthChannels} from "./IBandwidthChannels.sol";
import {ITokenHolder} from "./ITokenHolder.sol";

/// @title Rewards for seeding, out of the 3,000,000,000 BTT of user rewards.
/// @notice After each week, an epoch, an authority posts the Merkle root of who earned what, computed from events of
/// `BandwidthChannels` by a program that anybody can run. For 24 hours a guardian can veto it; then it can be claimed.
/// Whatever the root says, an epoch never pays more than 90% of what was burned in it, nor more than a 300th of what
/// is left of the rewards: they are halved by about every four years of full use, and never end.
interface ISeedRewards is ITokenHolder {
    /// @notice What was posted for an epoch.
    /// @param root Merkle root of leaves `keccak256(keccak256(abi.encode(epoch, index, account, amount)))`.
    /// @param total The most that may be claimed of it, in wei.
    /// @param claimed Claimed so far, in wei.
    /// @param claimableAt Seconds since 1970 from which on there is no veto, and claiming begins.
    struct Distribution {
        bytes32 root;
        uint256 total;
        uint256 claimed;
        uint256 claimableAt;
    }

    /// @notice One account's share in one epoch.
    /// @param index Its place in the tree; each can be claimed once.
    struct Share {
        uint256 epoch;
        uint256 index;
        address account;
        uint256 amount;
        bytes32[] proof;
    }

    /// @notice A root waits for veto or claims. `contentHash` names the file that lists the shares.
    event Posted(uint256 indexed epoch, bytes32 root, uint256 total, uint256 claimableAt, bytes32 contentHash);

    /// @notice `guardian` refused the root; another may be posted.
    event Vetoed(uint256 indexed epoch, bytes32 root, address indexed guardian);

    /// @notice `account` was paid its share.
    event Claimed(uint256 indexed epoch, uint256 indexed index, address indexed account, uint256 amount);

    /// @notice What nobody claimed in a year went back to the rewards.
    event Expired(uint256 indexed epoch, uint256 unclaimed);

    /// @notice The authority handed its office to another.
    event AuthorityPassed(address indexed from, address indexed to);

    /// @notice A guardian handed its office to another.
    event GuardianPassed(address indexed from, address indexed to);

    /// @notice An address that must not be zero is.
    error ZeroAddress();

    /// @notice There has to be a guardian, or there is no veto.
    error NoGuardian();

    /// @notice Only the authority may do that.
    error CallerNotAuthority(address caller);

    /// @notice Only a guardian may do that.
    error CallerNotGuardian(address caller);

    /// @notice The epoch has not ended, or ended before this contract was there.
    error EpochOutOfRange(uint256 epoch, uint256 first, uint256 current);

    /// @notice The epoch has its root.
    error AlreadyPosted(uint256 epoch);

    /// @notice A root or a total of zero.
    error EmptyDistribution();

    /// @notice The total is above what the epoch may pay.
    error TotalAboveCap(uint256 total, uint256 cap);

    /// @notice Nothing was posted for the epoch.
    error NotPosted(uint256 epoch);

    /// @notice The 24 hours are over.
    error VetoOver(uint256 epoch, uint256 claimableAt);

    /// @notice The 24 hours are not over.
    error NotClaimable(uint256 epoch, uint256 claimableAt);

    /// @notice That place in the tree has been claimed.
    error AlreadyClaimed(uint256 epoch, uint256 index);

    /// @notice The proof does not lead to the root.
    error InvalidProof(uint256 epoch, uint256 index);

    /// @notice The root gives away more than its total.
    error DistributionExhausted(uint256 epoch, uint256 left, uint256 wanted);

    /// @notice The year for claiming is not over.
    error NotExpired(uint256 epoch, uint256 expiresAt);

    /// @notice Posts the root of an epoch that has ended; the authority alone.
    /// @param total Sum of its shares, in wei; at most `capOf(epoch)`.
    /// @param contentHash SHA-256 of the file that lists the shares, for whoever checks it.
    function post(uint256 epoch, bytes32 root, uint256 total, bytes32 contentHash) external;

    /// @notice Refuses a root within its 24 hours; any guardian alone. The authority may post another.
    function veto(uint256 epoch) external;

    /// @notice Pays shares to their accounts; anybody may call.
    function claimMany(Share[] calldata shares) external;

    /// @notice Returns what nobody claimed within a year to the rewards; anybody may call.
    function expire(uint256 epoch) external;

    /// @notice Hands the authority's office to another; the authority alone.
    function passAuthority(address to) external;

    /// @notice Hands a guardian's office to another; that guardian alone.
    function passGuardian(address to) external;

    /// @notice The channels whose burned fees bound the rewards.
    function channels() external view returns (IBandwidthChannels);

    /// @notice Who posts.
    function authority() external view returns (address);

    /// @notice What the epoch may pay at most if it is posted now: the smaller of a 300th of what is left, and 90% of what
    /// was burned in it.
    function capOf(uint256 epoch) external view returns (uint256);

    /// @notice Tokens that no root has a claim on, in wei.
    function remaining() external view returns (uint256);

    /// @notice What was posted for an epoch; all zero if nothing.
    function distributionOf(uint256 epoch) external view returns (Distribution memory);

    /// @notice Whether a place in an epoch's tree has been claimed.
    function isClaimed(uint256 epoch, uint256 index) external view returns (bool);

    /// @notice The leaf of a share.
    function leafOf(uint256 epoch, uint256 index, address account, uint256 amount) external pure returns (bytes32);
}
