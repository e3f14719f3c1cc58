// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ISeedBounties} from "./interfaces/ISeedBounties.sol";

/// @title Bounties that keep torrents alive.
/// @dev Kept at all times: the sum of all pots <= tokens held; a day of a bounty is paid once, at most `perDay`.
contract SeedBounties is ISeedBounties, EIP712, ReentrancyGuard {
    using SafeERC20 for IERC20;
    using BitMaps for BitMaps.BitMap;

    /// @notice EIP-712 type of a day's report.
    bytes32 public constant DAY_REPORT_TYPEHASH =
        keccak256("DayReport(uint256 bountyId,uint256 day,address[] seeders)");
    /// @notice A day pays no more seeders than fit a block with room to spare.
    uint256 public constant MAX_SEEDERS = 200;
    /// @notice A bounty lasts no longer: ten years, in days.
    uint256 public constant MAX_DAYS = 3_653;
    /// @notice Reports of the last days are accepted for a week after the end.
    uint256 public constant REPORT_DAYS = 7;

    /// @notice The token of all pots.
    IERC20 public immutable token;
    /// @notice How many bounties there have been.
    uint256 public bountyCount;

    struct Bounty {
        Terms terms;
        address funder;
        uint256 pot;
        BitMaps.BitMap paidDays;
    }

    mapping(uint256 bountyId => Bounty) private _bounties;

    /// @param token_ `BTT` or `WrappedBTT`: a token without hooks or fees on transfer.
    constructor(IERC20 token_) EIP712("Shoal SeedBounties", "1") {
        token = token_;
    }

    /// @inheritdoc ISeedBounties
    function fund(Terms calldata terms, uint256 amount) external nonReentrant returns (uint256 bountyId) {
        return _fund(terms, amount);
    }

    /// @inheritdoc ISeedBounties
    function fundWithPermit(Terms calldata terms, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
        returns (uint256 bountyId)
    {
        // Whoever brought the permit before left the allowance, which is what counts.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        return _fund(terms, amount);
    }

    /// @inheritdoc ISeedBounties
    function topUp(uint256 bountyId, uint256 amount) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        Bounty storage bounty = _existing(bountyId);
        if (_today() >= bounty.terms.endDay) revert Ended(bountyId);
        bounty.pot += amount;
        emit ToppedUp(bountyId, msg.sender, amount, bounty.pot);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc ISeedBounties
    function payDay(
        uint256 bountyId,
        uint256 day,
        address[] calldata seeders,
        Auditors calldata auditors,
        Signature[] calldata signatures
    ) external nonReentrant {
        Bounty storage bounty = _existing(bountyId);
        Terms memory terms = bounty.terms;
        bool isTheirs = day >= terms.startDay && day < terms.endDay && day < _today();
        if (!isTheirs || bounty.paidDays.get(day)) revert DayNotPayable(bountyId, day);
        _requireSeeders(seeders, terms.maximumSeeders);
        _requireAuditors(auditors, terms.auditorsHash);
        _requireSigned(reportDigest(bountyId, day, seeders), auditors, signatures);
        uint256 forDay = bounty.pot < terms.perDay ? bounty.pot : terms.perDay;
        uint256 share = forDay / seeders.length;
        if (share > terms.perSeeder) share = terms.perSeeder;
        if (share == 0) revert PotEmpty(bountyId);
        bounty.paidDays.set(day);
        bounty.pot -= share * seeders.length;
        emit DayPaid(bountyId, day, seeders, share);
        for (uint256 i = 0; i < seeders.length; ++i) {
            token.safeTransfer(seeders[i], share);
        }
    }

    /// @inheritdoc ISeedBounties
    function refund(uint256 bountyId) external nonReentrant {
        Bounty storage bounty = _existing(bountyId);
        uint256 refundableAt = (bounty.terms.endDay + REPORT_DAYS) * 1 days;
        if (block.timestamp < refundableAt) revert NotRefundable(bountyId, refundableAt);
        uint256 amount = bounty.pot;
        if (amount == 0) revert PotEmpty(bountyId);
        bounty.pot = 0;
        emit Refunded(bountyId, bounty.funder, amount);
        token.safeTransfer(bounty.funder, amount);
    }

    /// @inheritdoc ISeedBounties
    function bountyOf(uint256 bountyId) external view returns (Terms memory terms, address funder, uint256 pot) {
        Bounty storage bounty = _existing(bountyId);
        return (bounty.terms, bounty.funder, bounty.pot);
    }

    /// @inheritdoc ISeedBounties
    function isPaid(uint256 bountyId, uint256 day) external view returns (bool) {
        return _bounties[bountyId].paidDays.get(day);
    }

    /// @inheritdoc ISeedBounties
    function reportDigest(uint256 bountyId, uint256 day, address[] calldata seeders) public view returns (bytes32) {
        // EIP-712 encodes an array as the hash of its elements, each in 32 bytes.
        bytes32 seedersHash = keccak256(abi.encodePacked(seeders));
        return _hashTypedDataV4(keccak256(abi.encode(DAY_REPORT_TYPEHASH, bountyId, day, seedersHash)));
    }

    /// @inheritdoc ISeedBounties
    function auditorsHashOf(Auditors calldata auditors) public pure returns (bytes32) {
        uint256 count = auditors.accounts.length;
        if (auditors.threshold == 0 || auditors.threshold > count) revert InvalidAuditors();
        address last = address(0);
        for (uint256 i = 0; i < count; ++i) {
            if (auditors.accounts[i] <= last) revert InvalidAuditors();
            last = auditors.accounts[i];
        }
        return keccak256(abi.encode(auditors.accounts, auditors.threshold));
    }

    function _fund(Terms calldata terms, uint256 amount) private returns (uint256 bountyId) {
        if (amount == 0) revert ZeroAmount();
        if (terms.torrent == 0 || terms.auditorsHash == 0 || terms.perDay == 0 || terms.perSeeder == 0) {
            revert InvalidTerms();
        }
        if (terms.maximumSeeders == 0 || terms.maximumSeeders > MAX_SEEDERS) revert InvalidTerms();
        uint256 today = _today();
        bool inOrder = terms.startDay >= today && terms.startDay < terms.endDay;
        if (!inOrder || terms.endDay > terms.startDay + MAX_DAYS) {
            revert InvalidDays(terms.startDay, terms.endDay, today);
        }
        bountyId = ++bountyCount;
        Bounty storage bounty = _bounties[bountyId];
        bounty.terms = terms;
        bounty.funder = msg.sender;
        bounty.pot = amount;
        emit Funded(bountyId, terms.torrent, msg.sender, terms, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    function _requireSeeders(address[] calldata seeders, uint256 maximum) private view {
        if (seeders.length == 0 || seeders.length > maximum) revert WrongSeederCount(seeders.length, maximum);
        address last = address(0);
        for (uint256 i = 0; i < seeders.length; ++i) {
            address seeder = seeders[i];
            // The token refuses itself, and one such entry would hold up everybody's day.
            if (seeder <= last || seeder == address(token) || seeder == address(this)) {
                revert InvalidSeeder(i, seeder);
            }
            last = seeder;
        }
    }

    function _requireAuditors(Auditors calldata auditors, bytes32 wanted) private pure {
        bytes32 given = auditorsHashOf(auditors);
        if (given != wanted) revert NotTheAuditors(given, wanted);
    }

    /// @dev Both lists ascend, so one walk over the auditors finds each signer once, and nobody twice.
    function _requireSigned(bytes32 digest, Auditors calldata auditors, Signature[] calldata signatures)
        private
        pure
    {
        if (signatures.length < auditors.threshold) revert TooFewSignatures(signatures.length, auditors.threshold);
        uint256 next = 0;
        for (uint256 i = 0; i < signatures.length; ++i) {
            address recovered = ECDSA.recover(digest, signatures[i].r, signatures[i].vs);
            while (next < auditors.accounts.length && auditors.accounts[next] != recovered) ++next;
            if (next == auditors.accounts.length) revert NotAnAuditor(recovered);
            ++next;
        }
    }

    function _existing(uint256 bountyId) private view returns (Bounty storage bounty) {
        bounty = _bounties[bountyId];
        if (bounty.funder == address(0)) revert UnknownBounty(bountyId);
    }

    function _today() private view returns (uint256) {
        return block.timestamp / 1 days;
    }
}
