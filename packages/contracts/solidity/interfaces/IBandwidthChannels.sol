// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPaymentToken} from "./IPaymentToken.sol";

/// @title Payments for bandwidth: one deposit for each payer, a channel for each seller, vouchers between them.
/// @notice A payer deposits once and reserves parts of the deposit, each exclusively for one payee. Off chain it
/// signs vouchers, whose `total` only grows: the newest one is worth the whole claim. Anybody may bring a voucher;
/// the payee is paid, and 5% of it is burned.
///
/// A channel is its key: everything fixed about it is hashed into its identifier and given again with each call,
/// so that only one word of storage is needed. An identifier lives once; a closed channel never opens again.
///
/// Nobody but payer and payee has any power here: no owner, no pause, no upgrade, no fee to anyone.
interface IBandwidthChannels {
    /// @notice All that is fixed about a channel; `channelIdOf` hashes it.
    /// @param payer Whose deposit pays.
    /// @param payee Who is paid, and nobody else.
    /// @param signer Session key whose vouchers count. It can spend this channel's capacity, nothing more.
    /// @param challengeSeconds How long the payee has after the payer alone has begun to close.
    /// @param salt Tells apart channels that are otherwise alike, an earlier one that was closed among them.
    struct ChannelKey {
        address payer;
        address payee;
        address signer;
        uint32 challengeSeconds;
        uint64 salt;
    }

    /// @notice A channel to open; the payer is the caller.
    /// @param capacity Wei taken from the caller's free balance; more than 0.
    struct Opening {
        address payee;
        address signer;
        uint32 challengeSeconds;
        uint64 salt;
        uint104 capacity;
    }

    /// @notice A voucher to redeem, with the rest of the channel's key; the payee is named once for all.
    /// @param total Wei paid over the channel's whole life, as signed.
    /// @param r First half of the signature.
    /// @param vs Second half, with the parity bit on top (ERC-2098).
    struct Claim {
        address payer;
        address signer;
        uint32 challengeSeconds;
        uint64 salt;
        uint256 total;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice How much of a channel was for one torrent, as its signer says.
    /// @param torrent BEP 52 root infohash, or a BEP 3 infohash followed by 12 zero bytes.
    /// @param size Length of the torrent's content in bytes.
    /// @param total Wei for that torrent over the channel's whole life.
    struct Receipt {
        bytes32 torrent;
        uint64 size;
        uint256 total;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice What is stored of a channel, in one word.
    /// @param capacity Wei reserved over the channel's whole life.
    /// @param paid Wei redeemed of it, the burned part included.
    /// @param closableAt 0 while open; seconds since 1970 once the payer has begun to close; `CLOSED` at the end.
    struct Channel {
        uint104 capacity;
        uint104 paid;
        uint48 closableAt;
    }

    /// @notice `amount` came from `from` and is `payer`'s free balance now.
    event Deposited(address indexed payer, address indexed from, uint256 amount);

    /// @notice `amount` of `payer`'s free balance was paid out to `to`.
    event Withdrawn(address indexed payer, address indexed to, uint256 amount);

    /// @notice A channel was opened, and `capacity` of the payer's free balance is reserved in it.
    event Opened(
        bytes32 indexed channelId,
        address indexed payer,
        address indexed payee,
        address signer,
        uint32 challengeSeconds,
        uint64 salt,
        uint256 capacity
    );

    /// @notice The channel's capacity grew to `capacity`.
    event ToppedUp(bytes32 indexed channelId, uint256 capacity);

    /// @notice `amount` more was redeemed, which makes it `paid` in all. Burned of it:
    /// `feeOf(paid) - feeOf(paid - amount)`, whatever the order and number of redemptions.
    event Redeemed(bytes32 indexed channelId, address indexed payee, uint256 paid, uint256 amount);

    /// @notice The payer closes alone; from `closableAt` (seconds since 1970) on anybody may `finalize`.
    event CloseStarted(bytes32 indexed channelId, uint256 closableAt);

    /// @notice The channel is closed for good: `paid` in all, `returned` to the payer's free balance.
    event Closed(bytes32 indexed channelId, uint256 paid, uint256 returned);

    /// @notice The channel's signer says that `total` of what was paid was for `torrent`.
    event Attributed(
        bytes32 indexed channelId, bytes32 indexed torrent, address indexed payee, uint256 size, uint256 total
    );

    /// @notice The token has no code.
    error TokenWithoutCode(address token);

    /// @notice An amount of 0 does nothing.
    error ZeroAmount();

    /// @notice More was asked for than `payer`'s free balance.
    error InsufficientFreeBalance(address payer, uint256 free, uint256 wanted);

    /// @notice A payee must be able to hold the token: not zero, not the token, not this contract.
    error InvalidPayee(address payee);

    /// @notice A signer must be a key: not zero.
    error InvalidSigner(address signer);

    /// @notice The challenge time is out of bounds.
    error InvalidChallenge(uint256 challengeSeconds, uint256 minimum, uint256 maximum);

    /// @notice A channel of that key is open, or was.
    error ChannelExists(bytes32 channelId);

    /// @notice No channel of that key is open: never opened, or closed.
    error ChannelNotOpen(bytes32 channelId);

    /// @notice The payer has begun to close that channel.
    error ChannelClosing(bytes32 channelId, uint256 closableAt);

    /// @notice Only `expected` may do that.
    error CallerNotParty(address caller, address expected);

    /// @notice The challenge time is not over, or nobody has begun to close.
    error NotClosable(bytes32 channelId, uint256 closableAt, uint256 timestamp);

    /// @notice The signature is by `recovered`, not by `expected`.
    error NotSigned(bytes32 channelId, address expected, address recovered);

    /// @notice The total is above the channel's capacity.
    error TotalAboveCapacity(bytes32 channelId, uint256 total, uint256 capacity);

    /// @notice None of the claims is worth anything: all stale, or of channels that are closed or spent.
    error NothingToRedeem();

    /// @notice A receipt speaks of more than the channel has paid.
    error ReceiptAbovePaid(bytes32 channelId, uint256 total, uint256 paid);

    /// @notice Moves `amount` of the caller's tokens into its free balance.
    function deposit(uint256 amount) external;

    /// @notice Moves `amount` of the caller's tokens into `payer`'s free balance.
    function depositFor(address payer, uint256 amount) external;

    /// @notice Deposit of the caller with its ERC-2612 permit. A permit that somebody else has brought already is
    /// no obstacle: the allowance counts.
    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Deposit by ERC-3009's `ReceiveWithAuthorization` to this contract, which anybody may bring: who
    /// has tokens but no coins for gas can have it brought.
    function depositWithAuthorization(
        address payer,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Pays `amount` of the caller's free balance to `to`.
    function withdraw(uint256 amount, address to) external;

    /// @notice Opens channels out of the caller's free balance.
    /// @return channelIds In the order of `openings`.
    function openMany(Opening[] calldata openings) external returns (bytes32[] memory channelIds);

    /// @notice Reserves `amount` more of the caller's free balance in its channel, unless it is closing.
    function topUp(ChannelKey calldata key, uint104 amount) external;

    /// @notice Pays `payee` what its claims are worth beyond what was paid, up to each channel's capacity, less the
    /// part that is burned. Claims that are worth nothing (stale ones, closed channels) are passed over, so that
    /// nobody can break a batch by redeeming one of it first. Until the channel is closed it does not matter that
    /// the challenge time has passed.
    /// @return amount Wei redeemed, the burned part included.
    function redeemMany(address payee, Claim[] calldata claims) external returns (uint256 amount);

    /// @notice Closes at once, by the payer with the payee's signature over `Close(channelId, total)`. The payee is
    /// paid up to `total`, or keeps what it was paid if that is more; the rest is free.
    function close(ChannelKey calldata key, uint256 total, bytes32 r, bytes32 vs) external;

    /// @notice Closes at once, by the payee, which gives up what it has not redeemed.
    function release(ChannelKey calldata key) external;

    /// @notice The payer begins to close alone. The payee, or anybody for it, has the challenge time to redeem.
    function startClose(ChannelKey calldata key) external;

    /// @notice Closes once the challenge time is over; anybody may.
    function finalize(ChannelKey calldata key) external;

    /// @notice Writes down for which torrents a channel has paid, as its signer says. Rewards for seeding are
    /// computed from these events, and from `Redeemed`; nothing else depends on them.
    function attribute(ChannelKey calldata key, Receipt[] calldata receipts) external;

    /// @notice The token of all deposits.
    function token() external view returns (IPaymentToken);

    /// @notice What `payer` may withdraw or reserve, in wei.
    function freeOf(address payer) external view returns (uint256);

    /// @notice The state of a channel; all zero if it was never opened.
    function channelOf(bytes32 channelId) external view returns (Channel memory);

    /// @notice Burned by redemptions in an epoch, in wei. Epoch n begins n weeks after 1970.
    function burnedIn(uint256 epoch) external view returns (uint256);

    /// @notice The hash of a key.
    function channelIdOf(ChannelKey calldata key) external pure returns (bytes32);

    /// @notice What is burned of `paid` wei over a channel's whole life: 5%, rounded down.
    function feeOf(uint256 paid) external pure returns (uint256);

    /// @notice EIP-712 digest of `Voucher(channelId, total)`, for the channel's signer.
    function voucherDigest(bytes32 channelId, uint256 total) external view returns (bytes32);

    /// @notice EIP-712 digest of `Close(channelId, total)`, for the payee.
    function closeDigest(bytes32 channelId, uint256 total) external view returns (bytes32);

    /// @notice EIP-712 digest of `Receipt(channelId, torrent, size, total)`, for the channel's signer.
    function receiptDigest(bytes32 channelId, bytes32 torrent, uint64 size, uint256 total)
        external
        view
        returns (bytes32);
}
