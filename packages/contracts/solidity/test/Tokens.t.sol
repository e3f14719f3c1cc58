// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IPaymentToken} from "../interfaces/IPaymentToken.sol";
import {TestBase} from "./TestBase.sol";

/// @title `BTT`, and with it all that `WrappedBTT` shares.
contract TokensTest is TestBase {
    uint256 private constant KEY = 0xA11CE;
    uint256 private constant SUPPLY = 10_000_000_000e18;
    bytes32 private constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant CANCEL_TYPEHASH = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");

    address private immutable alice = vm.addr(KEY);
    address private constant BOB = address(0xB0B);
    IPaymentToken private token;

    function setUp() external {
        token = IPaymentToken(deployBtt(alice));
        vm.warp(1_000_000);
    }

    function test_constructor_mintsTheWholeSupplyOnce() external view {
        assertEq(token.totalSupply(), SUPPLY, "supply");
        assertEq(token.balanceOf(alice), SUPPLY, "balance");
    }

    function test_constructor_refusesAnotherSupply() external {
        address[] memory recipients = new address[](2);
        uint256[] memory amounts = new uint256[](2);
        (recipients[0], recipients[1]) = (alice, BOB);
        (amounts[0], amounts[1]) = (SUPPLY, 1);
        try this.deployWith(recipients, amounts) {
            revert NotTrue("minted too much");
        } catch (bytes memory reason) {
            assertTrue(bytes4(reason) == bytes4(keccak256("SupplyMismatch(uint256,uint256)")), "reason");
        }
        amounts[0] = SUPPLY - 2;
        try this.deployWith(recipients, amounts) {
            revert NotTrue("minted too little");
        } catch {}
        try this.deployWith(recipients, new uint256[](1)) {
            revert NotTrue("took lists of two lengths");
        } catch (bytes memory reason) {
            assertTrue(bytes4(reason) == bytes4(keccak256("LengthMismatch(uint256,uint256)")), "reason");
        }
    }

    function deployWith(address[] calldata recipients, uint256[] calldata amounts) external returns (address) {
        return deploy("BTT", abi.encode(recipients, amounts));
    }

    function testFuzz_transfer_conservesTheSupply(address to, uint256 value) external {
        vm.assume(to != address(0) && to != address(token) && to != alice);
        value = bound(value, 0, SUPPLY);
        vm.prank(alice);
        token.transfer(to, value);
        assertEq(token.balanceOf(alice) + token.balanceOf(to), SUPPLY, "sum");
    }

    function test_transfer_toTheTokenItself_reverts() external {
        bytes memory reason = abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(token));
        vm.prank(alice);
        vm.expectRevert(reason);
        token.transfer(address(token), 1);
        vm.prank(alice);
        token.approve(BOB, 1);
        vm.prank(BOB);
        vm.expectRevert(reason);
        token.transferFrom(alice, address(token), 1);
        (uint8 v, bytes32 r, bytes32 s) = signTransfer(address(token), 1, 0, type(uint256).max, bytes32(0));
        vm.expectRevert(reason);
        token.transferWithAuthorization(alice, address(token), 1, 0, type(uint256).max, bytes32(0), v, r, s);
    }

    function testFuzz_burn_lowersTheSupply(uint256 value) external {
        value = bound(value, 0, SUPPLY);
        vm.prank(alice);
        token.burn(value);
        assertEq(token.totalSupply(), SUPPLY - value, "supply");
        assertEq(token.balanceOf(alice), SUPPLY - value, "balance");
    }

    function test_burnFrom_needsAllowance() external {
        vm.prank(BOB);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        token.burnFrom(alice, 1);
    }

    function test_permit_countsOnce_inTime_byTheOwner() external {
        uint256 deadline = block.timestamp;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, permitDigest(5, 0, deadline));
        token.permit(alice, BOB, 5, deadline, v, r, s);
        assertEq(token.allowance(alice, BOB), 5, "allowance");
        vm.expectRevert();
        token.permit(alice, BOB, 5, deadline, v, r, s);
        (v, r, s) = vm.sign(KEY, permitDigest(6, 1, deadline - 1));
        vm.expectRevert();
        token.permit(alice, BOB, 6, deadline - 1, v, r, s);
        (v, r, s) = vm.sign(KEY + 1, permitDigest(6, 1, deadline));
        vm.expectRevert();
        token.permit(alice, BOB, 6, deadline, v, r, s);
    }

    function test_permit_ofTheOtherS_reverts() external {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, permitDigest(5, 0, block.timestamp));
        vm.expectRevert();
        token.permit(alice, BOB, 5, block.timestamp, v == 27 ? 28 : 27, r, bytes32(CURVE_ORDER - uint256(s)));
    }

    function test_permit_ofAnotherChain_reverts() external {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, permitDigest(5, 0, block.timestamp));
        vm.chainId(block.chainid + 1);
        vm.expectRevert();
        token.permit(alice, BOB, 5, block.timestamp, v, r, s);
    }

    function testFuzz_authorization_movesOnce(uint256 value, bytes32 nonce, address relayer) external {
        value = bound(value, 0, SUPPLY);
        (uint8 v, bytes32 r, bytes32 s) = signTransfer(BOB, value, 0, type(uint256).max, nonce);
        vm.prank(relayer);
        token.transferWithAuthorization(alice, BOB, value, 0, type(uint256).max, nonce, v, r, s);
        assertEq(token.balanceOf(BOB), value, "moved");
        assertTrue(token.authorizationState(alice, nonce), "spent");
        vm.expectRevert(abi.encodeWithSelector(IPaymentToken.AuthorizationSpent.selector, alice, nonce));
        token.transferWithAuthorization(alice, BOB, value, 0, type(uint256).max, nonce, v, r, s);
    }

    function test_authorization_outOfTime_reverts() external {
        (uint8 v, bytes32 r, bytes32 s) = signTransfer(BOB, 1, block.timestamp, type(uint256).max, bytes32(0));
        vm.expectPartialRevert(IPaymentToken.AuthorizationNotYetValid.selector);
        token.transferWithAuthorization(alice, BOB, 1, block.timestamp, type(uint256).max, bytes32(0), v, r, s);
        (v, r, s) = signTransfer(BOB, 1, 0, block.timestamp, bytes32(0));
        vm.expectPartialRevert(IPaymentToken.AuthorizationExpired.selector);
        token.transferWithAuthorization(alice, BOB, 1, 0, block.timestamp, bytes32(0), v, r, s);
    }

    function test_authorization_changedOrForeign_reverts() external {
        (uint8 v, bytes32 r, bytes32 s) = signTransfer(BOB, 1, 0, type(uint256).max, bytes32(0));
        vm.expectPartialRevert(IPaymentToken.AuthorizationNotSigned.selector);
        token.transferWithAuthorization(alice, BOB, 2, 0, type(uint256).max, bytes32(0), v, r, s);
        vm.expectRevert();
        token.transferWithAuthorization(
            alice, BOB, 1, 0, type(uint256).max, bytes32(0), v == 27 ? 28 : 27, r, bytes32(CURVE_ORDER - uint256(s))
        );
        vm.chainId(block.chainid + 1);
        vm.expectPartialRevert(IPaymentToken.AuthorizationNotSigned.selector);
        token.transferWithAuthorization(alice, BOB, 1, 0, type(uint256).max, bytes32(0), v, r, s);
    }

    function test_authorization_ofNobody_reverts() external {
        vm.expectRevert();
        token.transferWithAuthorization(address(0), BOB, 1, 0, type(uint256).max, bytes32(0), 27, 0, 0);
    }

    function test_receive_isForThePayeeAlone() external {
        bytes32 structHash = keccak256(
            abi.encode(RECEIVE_TYPEHASH, alice, BOB, uint256(3), uint256(0), type(uint256).max, bytes32(0))
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digestOf(structHash));
        vm.expectRevert(abi.encodeWithSelector(IPaymentToken.CallerNotPayee.selector, address(this), BOB));
        token.receiveWithAuthorization(alice, BOB, 3, 0, type(uint256).max, bytes32(0), v, r, s);
        vm.expectPartialRevert(IPaymentToken.AuthorizationNotSigned.selector);
        token.transferWithAuthorization(alice, BOB, 3, 0, type(uint256).max, bytes32(0), v, r, s);
        vm.prank(BOB);
        token.receiveWithAuthorization(alice, BOB, 3, 0, type(uint256).max, bytes32(0), v, r, s);
        assertEq(token.balanceOf(BOB), 3, "received");
    }

    function test_cancel_spendsTheNonce() external {
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(KEY, digestOf(keccak256(abi.encode(CANCEL_TYPEHASH, alice, bytes32(uint256(9))))));
        vm.expectPartialRevert(IPaymentToken.AuthorizationNotSigned.selector);
        token.cancelAuthorization(alice, bytes32(uint256(8)), v, r, s);
        token.cancelAuthorization(alice, bytes32(uint256(9)), v, r, s);
        (v, r, s) = signTransfer(BOB, 1, 0, type(uint256).max, bytes32(uint256(9)));
        vm.expectPartialRevert(IPaymentToken.AuthorizationSpent.selector);
        token.transferWithAuthorization(alice, BOB, 1, 0, type(uint256).max, bytes32(uint256(9)), v, r, s);
    }

    function signTransfer(address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce)
        private
        view
        returns (uint8 v, bytes32 r, bytes32 s)
    {
        bytes32 structHash = keccak256(abi.encode(TRANSFER_TYPEHASH, alice, to, value, validAfter, validBefore, nonce));
        return vm.sign(KEY, digestOf(structHash));
    }

    function permitDigest(uint256 value, uint256 nonce, uint256 deadline) private view returns (bytes32) {
        return digestOf(keccak256(abi.encode(PERMIT_TYPEHASH, alice, BOB, value, nonce, deadline)));
    }

    function digestOf(bytes32 structHash) private view returns (bytes32) {
        return keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), structHash));
    }
}
