// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {IBandwidthChannels} from "./interfaces/IBandwidthChannels.sol";
import {IPaymentToken} from "./interfaces/IPaymentToken.sol";

/// @title Payment channels for bandwidth.
/// @dev Kept at all times: free balances + what open channels have left = tokens held (more if somebody gives
/// tokens away), and in each channel paid <= capacity. Every way of closing sets capacity to paid.
contract BandwidthChannels is IBandwidthChannels, EIP712, Multicall, ReentrancyGuard {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @notice EIP-712 type of a voucher.
    bytes32 public constant VOUCHER_TYPEHASH = keccak256("Voucher(bytes32 channelId,uint256 total)");

    /// @notice EIP-712 type of the payee's consent to close.
    bytes32 public constant CLOSE_TYPEHASH = keccak256("Close(bytes32 channelId,uint256 total)");

    /// @notice EIP-712 type of a receipt.
    bytes32 public constant RECEIPT_TYPEHASH =
        keccak256("Receipt(bytes32 channelId,bytes32 torrent,uint64 size,uint256 total)");

    /// @notice `closableAt` of a channel that is closed.
    uint48 public constant CLOSED = type(uint48).max;

    /// @notice One part in 20 of every redemption is burned: 5%.
    uint256 public constant BURN_DIVISOR = 20;

    /// @notice A week: what `burnedIn` counts by.
    uint256 public constant EPOCH_SECONDS = 7 days;

    /// @notice Less would be no challenge. What is enough is for payees to say: they see it in the key.
    uint256 public constant MIN_CHALLENGE_SECONDS = 1 minutes;

    /// @notice More could only be a slip: the payer's money would be stuck.
    uint256 public constant MAX_CHALLENGE_SECONDS = 90 days;

    /// @inheritdoc IBandwidthChannels
    IPaymentToken public immutable token;

    /// @inheritdoc IBandwidthChannels
    mapping(address payer => uint256) public freeOf;

    /// @inheritdoc IBandwidthChannels
    mapping(uint256 epoch => uint256) public burnedIn;

    mapping(bytes32 channelId => Channel) private _channels;

    /// @param token_ `BTT` or `WrappedBTT`: a token without hooks, fees on transfer or a power to take balances.
    constructor(IPaymentToken token_) EIP712("Shoal BandwidthChannels", "1") {
        if (address(token_).code.length == 0) revert TokenWithoutCode(address(token_));
        token = token_;
    }

    /// @inheritdoc IBandwidthChannels
    function deposit(uint256 amount) external nonReentrant {
        _deposit(msg.sender, amount);
    }

    /// @inheritdoc IBandwidthChannels
    function depositFor(address payer, uint256 amount) external nonReentrant {
        _deposit(payer, amount);
    }

    /// @inheritdoc IBandwidthChannels
    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
    {
        // A permit seen in the mempool can be brought by anybody, which spends its nonce and makes this call fail.
        try token.permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _deposit(msg.sender, amount);
    }

    /// @inheritdoc IBandwidthChannels
    function depositWithAuthorization(
        address payer,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        freeOf[payer] += amount;
        emit Deposited(payer, payer, amount);
        token.receiveWithAuthorization(payer, address(this), amount, validAfter, validBefore, nonce, v, r, s);
    }

    /// @inheritdoc IBandwidthChannels
    function withdraw(uint256 amount, address to) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        if (to == address(this)) revert InvalidPayee(to);
        _takeFree(amount);
        emit Withdrawn(msg.sender, to, amount);
        IERC20(token).safeTransfer(to, amount);
    }

    /// @inheritdoc IBandwidthChannels
    function openMany(Opening[] calldata openings) external nonReentrant returns (bytes32[] memory channelIds) {
        channelIds = new bytes32[](openings.length);
        uint256 reserved = 0;
        for (uint256 i = 0; i < openings.length; ++i) {
            reserved += openings[i].capacity;
            channelIds[i] = _open(openings[i]);
        }
        _takeFree(reserved);
    }

    /// @inheritdoc IBandwidthChannels
    function topUp(ChannelKey calldata key, uint104 amount) external nonReentrant {
        _requireCaller(key.payer);
        if (amount == 0) revert ZeroAmount();
        (bytes32 channelId, Channel storage channel) = _openChannel(key);
        if (channel.closableAt != 0) revert ChannelClosing(channelId, channel.closableAt);
        _takeFree(amount);
        uint104 capacity = channel.capacity + amount;
        channel.capacity = capacity;
        emit ToppedUp(channelId, capacity);
    }

    /// @inheritdoc IBandwidthChannels
    function redeemMany(address payee, Claim[] calldata claims) external nonReentrant returns (uint256 amount) {
        uint256 fee = 0;
        bytes32 domainSeparator = _domainSeparatorV4();
        for (uint256 i = 0; i < claims.length; ++i) {
            uint256 freeMemory;
            // Nothing in memory outlives a claim. Given back, each of 200 costs 76 gas less, and more in larger
            // batches, since memory costs by its square.
            assembly ("memory-safe") {
                freeMemory := mload(0x40)
            }
            (uint256 due, uint256 burned) = _redeem(payee, claims[i], domainSeparator);
            assembly ("memory-safe") {
                mstore(0x40, freeMemory)
            }
            amount += due;
            fee += burned;
        }
        if (amount == 0) revert NothingToRedeem();
        _payOut(payee, amount, fee);
    }

    /// @inheritdoc IBandwidthChannels
    function close(ChannelKey calldata key, uint256 total, bytes32 r, bytes32 vs) external nonReentrant {
        _requireCaller(key.payer);
        (bytes32 channelId, Channel storage channel) = _openChannel(key);
        _requireSigned(channelId, key.payee, closeDigest(channelId, total), r, vs);
        uint256 paid = channel.paid;
        if (total > channel.capacity) revert TotalAboveCapacity(channelId, total, channel.capacity);
        if (total <= paid) {
            _close(channelId, channel, key.payer, paid);
            return;
        }
        emit Redeemed(channelId, key.payee, total, total - paid);
        _close(channelId, channel, key.payer, total);
        _payOut(key.payee, total - paid, feeOf(total) - feeOf(paid));
    }

    /// @inheritdoc IBandwidthChannels
    function release(ChannelKey calldata key) external nonReentrant {
        _requireCaller(key.payee);
        (bytes32 channelId, Channel storage channel) = _openChannel(key);
        _close(channelId, channel, key.payer, channel.paid);
    }

    /// @inheritdoc IBandwidthChannels
    function startClose(ChannelKey calldata key) external nonReentrant {
        _requireCaller(key.payer);
        (bytes32 channelId, Channel storage channel) = _openChannel(key);
        if (channel.closableAt != 0) revert ChannelClosing(channelId, channel.closableAt);
        uint48 closableAt = (block.timestamp + key.challengeSeconds).toUint48();
        channel.closableAt = closableAt;
        emit CloseStarted(channelId, closableAt);
    }

    /// @inheritdoc IBandwidthChannels
    function finalize(ChannelKey calldata key) external nonReentrant {
        (bytes32 channelId, Channel storage channel) = _openChannel(key);
        uint256 closableAt = channel.closableAt;
        if (closableAt == 0 || block.timestamp < closableAt) {
            revert NotClosable(channelId, closableAt, block.timestamp);
        }
        _close(channelId, channel, key.payer, channel.paid);
    }

    /// @inheritdoc IBandwidthChannels
    function attribute(ChannelKey calldata key, Receipt[] calldata receipts) external {
        bytes32 channelId = channelIdOf(key);
        uint256 paid = _channels[channelId].paid;
        for (uint256 i = 0; i < receipts.length; ++i) {
            Receipt calldata receipt = receipts[i];
            if (receipt.total > paid) revert ReceiptAbovePaid(channelId, receipt.total, paid);
            bytes32 digest = receiptDigest(channelId, receipt.torrent, receipt.size, receipt.total);
            _requireSigned(channelId, key.signer, digest, receipt.r, receipt.vs);
            emit Attributed(channelId, receipt.torrent, key.payee, receipt.size, receipt.total);
        }
    }

    /// @inheritdoc IBandwidthChannels
    function channelOf(bytes32 channelId) external view returns (Channel memory) {
        return _channels[channelId];
    }

    /// @inheritdoc IBandwidthChannels
    function voucherDigest(bytes32 channelId, uint256 total) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPEHASH, channelId, total)));
    }

    /// @inheritdoc IBandwidthChannels
    function closeDigest(bytes32 channelId, uint256 total) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(CLOSE_TYPEHASH, channelId, total)));
    }

    /// @inheritdoc IBandwidthChannels
    function receiptDigest(bytes32 channelId, bytes32 torrent, uint64 size, uint256 total)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(keccak256(abi.encode(RECEIPT_TYPEHASH, channelId, torrent, size, total)));
    }

    /// @inheritdoc IBandwidthChannels
    function channelIdOf(ChannelKey calldata key) public pure returns (bytes32) {
        return _channelId(key.payer, key.payee, key.signer, key.challengeSeconds, key.salt);
    }

    /// @inheritdoc IBandwidthChannels
    function feeOf(uint256 paid) public pure returns (uint256) {
        return paid / BURN_DIVISOR;
    }

    function _deposit(address payer, uint256 amount) private {
        if (amount == 0) revert ZeroAmount();
        freeOf[payer] += amount;
        emit Deposited(payer, msg.sender, amount);
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
    }

    function _takeFree(uint256 amount) private {
        uint256 free = freeOf[msg.sender];
        if (amount > free) revert InsufficientFreeBalance(msg.sender, free, amount);
        unchecked {
            freeOf[msg.sender] = free - amount;
        }
    }

    function _open(Opening calldata opening) private returns (bytes32 channelId) {
        _requirePayable(opening.payee);
        if (opening.signer == address(0)) revert InvalidSigner(opening.signer);
        if (opening.challengeSeconds < MIN_CHALLENGE_SECONDS || opening.challengeSeconds > MAX_CHALLENGE_SECONDS) {
            revert InvalidChallenge(opening.challengeSeconds, MIN_CHALLENGE_SECONDS, MAX_CHALLENGE_SECONDS);
        }
        if (opening.capacity == 0) revert ZeroAmount();
        channelId =
            _channelId(msg.sender, opening.payee, opening.signer, opening.challengeSeconds, opening.salt);
        Channel storage channel = _channels[channelId];
        // A channel released before anything was paid has a capacity of 0, but its mark.
        if (channel.capacity != 0 || channel.closableAt != 0) revert ChannelExists(channelId);
        channel.capacity = opening.capacity;
        emit Opened(
            channelId,
            msg.sender,
            opening.payee,
            opening.signer,
            opening.challengeSeconds,
            opening.salt,
            opening.capacity
        );
    }

    /// @return due Wei redeemed by this claim; 0 if it is passed over.
    /// @return burned Part of it to burn.
    function _redeem(address payee, Claim calldata claim, bytes32 domainSeparator)
        private
        returns (uint256 due, uint256 burned)
    {
        bytes32 channelId = _channelId(claim.payer, payee, claim.signer, claim.challengeSeconds, claim.salt);
        Channel storage channel = _channels[channelId];
        (uint256 total, uint256 paid) = (channel.capacity, channel.paid);
        if (claim.total < total) total = claim.total;
        // At the end, as before the beginning, capacity = paid: there is nothing to redeem.
        if (total <= paid) return (0, 0);
        bytes32 structHash = keccak256(abi.encode(VOUCHER_TYPEHASH, channelId, claim.total));
        bytes32 digest = MessageHashUtils.toTypedDataHash(domainSeparator, structHash);
        _requireSigned(channelId, claim.signer, digest, claim.r, claim.vs);
        // total is within the capacity, which is a uint104, and above paid.
        channel.paid = uint104(total);
        unchecked {
            due = total - paid;
            burned = feeOf(total) - feeOf(paid);
        }
        emit Redeemed(channelId, payee, total, due);
    }

    /// @dev The last step of a call: pays what is redeemed and burns the fee.
    function _payOut(address payee, uint256 amount, uint256 fee) private {
        burnedIn[block.timestamp / EPOCH_SECONDS] += fee;
        IERC20(token).safeTransfer(payee, amount - fee);
        if (fee != 0) token.burn(fee);
    }

    /// @param paid Wei that the payee has got, or is about to get; at most the capacity.
    function _close(bytes32 channelId, Channel storage channel, address payer, uint256 paid) private {
        uint256 returned = channel.capacity - paid;
        uint104 settled = paid.toUint104();
        channel.capacity = settled;
        channel.paid = settled;
        channel.closableAt = CLOSED;
        freeOf[payer] += returned;
        emit Closed(channelId, paid, returned);
    }

    function _openChannel(ChannelKey calldata key)
        private
        view
        returns (bytes32 channelId, Channel storage channel)
    {
        channelId = channelIdOf(key);
        channel = _channels[channelId];
        if (channel.capacity == 0 || channel.closableAt == CLOSED) revert ChannelNotOpen(channelId);
    }

    function _requirePayable(address payee) private view {
        if (payee == address(0) || payee == address(token) || payee == address(this)) revert InvalidPayee(payee);
    }

    function _requireCaller(address expected) private view {
        if (msg.sender != expected) revert CallerNotParty(msg.sender, expected);
    }

    /// @dev ECDSA alone: what a contract says of a signature (ERC-1271) can be revoked. High s reverts within.
    function _requireSigned(bytes32 channelId, address expected, bytes32 digest, bytes32 r, bytes32 vs) private pure {
        address recovered = ECDSA.recover(digest, r, vs);
        if (recovered != expected) revert NotSigned(channelId, expected, recovered);
    }

    function _channelId(address payer, address payee, address signer, uint32 challengeSeconds, uint64 salt)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(payer, payee, signer, challengeSeconds, salt));
    }
}
