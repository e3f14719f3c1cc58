// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITokenHolder} from "./ITokenHolder.sol";

/// @title Bounties that keep torrents alive.
/// @notice Anybody funds a pot for a torrent, for a time, and says who audits. For each day the auditors sign who was
/// there, having asked for random blocks; the day's money is split among them and paid. What is left at the end goes
/// back to the funder. No token is minted, and nobody but the funder's own auditors can say who is paid.
interface ISeedBounties is ITokenHolder {
    /// @notice What a funder decides; fixed from then on.
    /// @param torrent BEP 52 root infohash, or a BEP 3 infohash followed by 12 zero bytes.
    /// @param perDay The most that one day pays, in wei.
    /// @param perSeeder The most that one day pays to one seeder, in wei.
    /// @param maximumSeeders The most seeders that one day pays; 1 to 200.
    /// @param startDay First day paid, in days since 1970; not past.
    /// @param endDay The day after the last one paid; at most 10 years later.
    /// @param auditorsHash `auditorsHashOf` the auditors and how many of them have to agree.
    struct Terms {
        bytes32 torrent;
        uint128 perDay;
        uint128 perSeeder;
        uint16 maximumSeeders;
        uint32 startDay;
        uint32 endDay;
        bytes32 auditorsHash;
    }

    /// @notice Who audits: at least `threshold` of `accounts`, which ascend.
    struct Auditors {
        address[] accounts;
        uint256 threshold;
    }

    /// @notice A signature in 64 bytes (ERC-2098).
    struct Signature {
        bytes32 r;
        bytes32 vs;
    }

    /// @notice A pot was made; `amount` is in it.
    event Funded(
        uint256 indexed bountyId, bytes32 indexed torrent, address indexed funder, Terms terms, uint256 amount
    );

    /// @notice `from` gave `amount` more; `pot` is in it.
    event ToppedUp(uint256 indexed bountyId, address indexed from, uint256 amount, uint256 pot);

    /// @notice A day was paid: `share` to each of `seeders`.
    event DayPaid(uint256 indexed bountyId, uint256 indexed day, address[] seeders, uint256 share);

    /// @notice What was left went back to the funder.
    event Refunded(uint256 indexed bountyId, address indexed funder, uint256 amount);

    /// @notice An amount of 0 does nothing.
    error ZeroAmount();

    /// @notice The terms make no sense: no torrent, no auditors, no money for a day, or no seeders.
    error InvalidTerms();

    /// @notice The days are past, too many, or in the wrong order.
    error InvalidDays(uint256 startDay, uint256 endDay, uint256 today);

    /// @notice No such bounty.
    error UnknownBounty(uint256 bountyId);

    /// @notice The bounty has ended.
    error Ended(uint256 bountyId);

    /// @notice The pot is empty.
    error PotEmpty(uint256 bountyId);

    /// @notice The day is not over, not the bounty's, or was paid.
    error DayNotPayable(uint256 bountyId, uint256 day);

    /// @notice Those are not the bounty's auditors.
    error NotTheAuditors(bytes32 given, bytes32 wanted);

    /// @notice Auditors must ascend, without zero, and the threshold be from 1 to their number.
    error InvalidAuditors();

    /// @notice None or too many seeders.
    error WrongSeederCount(uint256 count, uint256 maximum);

    /// @notice Seeders must ascend, without zero and without the contracts involved.
    error InvalidSeeder(uint256 index, address seeder);

    /// @notice Fewer auditors signed than have to.
    error TooFewSignatures(uint256 given, uint256 wanted);

    /// @notice `recovered` is no auditor, or signed twice, or out of order.
    error NotAnAuditor(address recovered);

    /// @notice Reports are still accepted until `refundableAt`.
    error NotRefundable(uint256 bountyId, uint256 refundableAt);

    /// @notice Makes a pot out of the caller's tokens.
    /// @return bountyId Counts from 1.
    function fund(Terms calldata terms, uint256 amount) external returns (uint256 bountyId);

    /// @notice As `fund`, with the caller's ERC-2612 permit.
    function fundWithPermit(Terms calldata terms, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        returns (uint256 bountyId);

    /// @notice Gives to a pot; what is left of it goes back to the funder all the same.
    function topUp(uint256 bountyId, uint256 amount) external;

    /// @notice Pays a day that is over; anybody may bring the auditors' report. Each of `seeders` gets the same: the
    /// day's money divided among them, at most `perSeeder`.
    /// @param seeders Who was there, ascending.
    /// @param signatures Of auditors over `reportDigest`, in the ascending order of who signed.
    function payDay(
        uint256 bountyId,
        uint256 day,
        address[] calldata seeders,
        Auditors calldata auditors,
        Signature[] calldata signatures
    ) external;

    /// @notice Pays what is left back to the funder, a week after the last day; anybody may call.
    function refund(uint256 bountyId) external;

    /// @notice Terms, funder and pot of a bounty.
    function bountyOf(uint256 bountyId) external view returns (Terms memory terms, address funder, uint256 pot);

    /// @notice Whether a day was paid.
    function isPaid(uint256 bountyId, uint256 day) external view returns (bool);

    /// @notice The hash by which terms name their auditors. Reverts unless they ascend and the threshold fits.
    function auditorsHashOf(Auditors calldata auditors) external pure returns (bytes32);

    /// @notice EIP-712 digest of `DayReport(bountyId, day, seeders)`, for auditors.
    function reportDigest(uint256 bountyId, uint256 day, address[] calldata seeders) external view returns (bytes32);
}
