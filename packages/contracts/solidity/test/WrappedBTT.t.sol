// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IPaymentToken} from "../interfaces/IPaymentToken.sol";
import {ReentrantReceiver} from "./HostileTokens.sol";
import {TestBase} from "./TestBase.sol";

interface IWrapped is IPaymentToken {
    function deposit() external payable;
    function depositTo(address to) external payable;
    function withdraw(uint256 value) external;
    function withdrawTo(address payable to, uint256 value) external;
    function lockedForever() external view returns (uint256);
}

/// @title Wrapping and unwrapping.
contract WrappedBTTTest is TestBase {
    IWrapped private wrapped;

    function setUp() external {
        wrapped = IWrapped(deploy("WrappedBTT", ""));
        vm.deal(address(this), 1e30);
    }

    receive() external payable {}

    function testFuzz_wrapAndUnwrap_isExact(uint256 value, uint256 back) external {
        value = bound(value, 0, 1e30);
        back = bound(back, 0, value);
        wrapped.deposit{value: value}();
        assertEq(wrapped.balanceOf(address(this)), value, "wrapped");
        wrapped.withdraw(back);
        assertEq(address(this).balance, 1e30 - value + back, "coins");
        assertEq(wrapped.totalSupply(), address(wrapped).balance, "backed");
        assertEq(wrapped.lockedForever(), 0, "nothing locked");
    }

    function test_plainCoins_areWrappedForTheirSender() external {
        (bool succeeded,) = address(wrapped).call{value: 5}("");
        assertTrue(succeeded, "sent");
        assertEq(wrapped.balanceOf(address(this)), 5, "wrapped");
    }

    function test_wrapAndUnwrap_forOthers() external {
        wrapped.depositTo{value: 5}(address(0xB0B));
        assertEq(wrapped.balanceOf(address(0xB0B)), 5, "wrapped");
        vm.prank(address(0xB0B));
        wrapped.withdrawTo(payable(address(0xCAFE)), 3);
        assertEq(address(0xCAFE).balance, 3, "coins");
    }

    function test_toItself_reverts() external {
        wrapped.deposit{value: 5}();
        vm.expectPartialRevert(IERC20Errors.ERC20InvalidReceiver.selector);
        wrapped.depositTo{value: 5}(address(wrapped));
        vm.expectPartialRevert(IERC20Errors.ERC20InvalidReceiver.selector);
        wrapped.withdrawTo(payable(address(wrapped)), 5);
        vm.expectPartialRevert(IERC20Errors.ERC20InvalidReceiver.selector);
        wrapped.transfer(address(wrapped), 5);
    }

    function test_unwrap_moreThanOneHas_reverts() external {
        wrapped.depositTo{value: 5}(address(0xB0B));
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientBalance.selector);
        wrapped.withdraw(1);
    }

    function testFuzz_burned_isLockedForever(uint256 value, uint256 burned) external {
        value = bound(value, 1, 1e30);
        burned = bound(burned, 0, value);
        wrapped.deposit{value: value}();
        wrapped.burn(burned);
        assertEq(wrapped.lockedForever(), burned, "locked");
        wrapped.withdraw(value - burned);
        assertEq(address(wrapped).balance, burned, "stays");
    }

    function test_reentry_takesNothing() external {
        ReentrantReceiver thief = new ReentrantReceiver();
        wrapped.depositTo{value: 100}(address(0xB0B));
        thief.execute{value: 10}(address(wrapped), 10, abi.encodeCall(wrapped.deposit, ()));
        thief.arm(address(wrapped), abi.encodeCall(wrapped.withdraw, (10)));
        thief.execute(address(wrapped), 0, abi.encodeCall(wrapped.withdraw, (10)));
        assertTrue(thief.didEnter() && thief.hasRevertedInside(), "entered in vain");
        assertEq(address(thief).balance, 10, "its own");
        assertEq(address(wrapped).balance, 100, "the others'");
    }
}
