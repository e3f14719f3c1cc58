// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentToken} from "../interfaces/IPaymentToken.sol";
import {TestBase} from "./TestBase.sol";

interface IAllocation {
    function team() external view returns (IVesting);
    function foundation() external view returns (IVesting);
    function ecosystem() external view returns (IVesting);
    function distribute(IERC20 token, address sale, address rewards) external;
    error StartTooEarly(uint256 startSeconds, uint256 earliest);
    error CallerNotSteward(address caller);
    error AlreadyDistributed();
    error SupplyNotHere(uint256 balance, uint256 wanted);
    error NotOfToken(address holder, IERC20 token);
    error SameHolder(address holder);
}

interface IVesting {
    function release(address token) external;
    function cliff() external view returns (uint256);
    function end() external view returns (uint256);
    function owner() external view returns (address);
    function transferOwnership(address to) external;
}

/// @dev Stands for sale and rewards.
contract Holder {
    IERC20 public token;

    constructor(IERC20 token_) {
        token = token_;
    }
}

/// @title Where the supply goes, and when.
contract AllocationTest is TestBase {
    uint256 private constant START = 1_800_000_000;
    address private constant TEAM = address(0x7EA);
    address private constant FOUNDATION = address(0xF0);
    address private constant ECOSYSTEM = address(0xEC0);

    IAllocation private allocation;
    IPaymentToken private token;
    Holder private sale;
    Holder private rewards;

    function setUp() external {
        vm.warp(START);
        allocation = IAllocation(deploy("Allocation", abi.encode(TEAM, FOUNDATION, ECOSYSTEM, START, address(this))));
        token = IPaymentToken(deployBtt(address(allocation)));
        sale = new Holder(token);
        rewards = new Holder(token);
    }

    function test_distribute_handsOutEveryWei() external {
        allocation.distribute(token, address(sale), address(rewards));
        assertEq(token.balanceOf(address(sale)), 2_000_000_000e18, "ICO 20%");
        assertEq(token.balanceOf(address(allocation.team())), 1_500_000_000e18, "team 15%");
        assertEq(token.balanceOf(address(allocation.foundation())), 500_000_000e18, "foundation 5%");
        assertEq(token.balanceOf(address(allocation.ecosystem())), 3_000_000_000e18, "ecosystem 30%");
        assertEq(token.balanceOf(address(rewards)), 3_000_000_000e18, "rewards 30%");
        assertEq(token.balanceOf(address(allocation)), 0, "nothing left");
        vm.expectPartialRevert(IAllocation.AlreadyDistributed.selector);
        allocation.distribute(token, address(sale), address(rewards));
    }

    function test_distribute_isTheStewards_andChecksWhereItGoes() external {
        vm.prank(TEAM);
        vm.expectPartialRevert(IAllocation.CallerNotSteward.selector);
        allocation.distribute(token, address(sale), address(rewards));
        vm.expectPartialRevert(IAllocation.SameHolder.selector);
        allocation.distribute(token, address(sale), address(sale));
        vm.expectPartialRevert(IAllocation.NotOfToken.selector);
        allocation.distribute(token, address(0xCAFE), address(rewards));
        Holder other = new Holder(IERC20(address(1)));
        vm.expectPartialRevert(IAllocation.NotOfToken.selector);
        allocation.distribute(token, address(sale), address(other));
        IPaymentToken another = IPaymentToken(deployBtt(address(this)));
        vm.expectPartialRevert(IAllocation.SupplyNotHere.selector);
        allocation.distribute(another, address(sale), address(rewards));
    }

    function test_start_longAgo_isRefused() external {
        try this.deployAt(START - 30 days - 1) {
            revert NotTrue("took a schedule that is over already");
        } catch (bytes memory reason) {
            assertTrue(bytes4(reason) == IAllocation.StartTooEarly.selector, "reason");
        }
        this.deployAt(START - 30 days);
    }

    function test_schedules_areTheirs() external view {
        assertEq(allocation.team().cliff(), START + 365 days, "team's cliff");
        assertEq(allocation.team().end(), START + 4 * 365 days, "team's end");
        assertEq(allocation.foundation().cliff(), START + 182 days, "foundation's cliff");
        assertEq(allocation.foundation().end(), START + 4 * 365 days, "foundation's end");
        assertEq(allocation.ecosystem().cliff(), START, "ecosystem's cliff");
        assertEq(allocation.ecosystem().end(), START + 5 * 365 days, "ecosystem's end");
        assertTrue(allocation.team().owner() == TEAM, "team's owner");
    }

    function testFuzz_vesting_neverReleasesMoreThanTheSchedule(uint256[6] memory waits) external {
        allocation.distribute(token, address(sale), address(rewards));
        uint256 nowSeconds = START;
        for (uint256 i = 0; i < waits.length; ++i) {
            nowSeconds += bound(waits[i], 0, 500 days);
            vm.warp(nowSeconds);
            check(allocation.team(), TEAM, 1_500_000_000e18, 365 days, 4 * 365 days);
            check(allocation.foundation(), FOUNDATION, 500_000_000e18, 182 days, 4 * 365 days);
            check(allocation.ecosystem(), ECOSYSTEM, 3_000_000_000e18, 0, 5 * 365 days);
        }
    }

    function test_vesting_canBeHandedOn_byItsOwnerAlone() external {
        allocation.distribute(token, address(sale), address(rewards));
        IVesting team = allocation.team();
        vm.expectRevert();
        team.transferOwnership(address(this));
        vm.prank(TEAM);
        team.transferOwnership(address(0xCAFE));
        vm.warp(START + 4 * 365 days);
        team.release(address(token));
        assertEq(token.balanceOf(address(0xCAFE)), 1_500_000_000e18, "all of it");
    }

    function deployAt(uint256 start) external returns (address) {
        return deploy("Allocation", abi.encode(TEAM, FOUNDATION, ECOSYSTEM, start, address(this)));
    }

    function check(IVesting vesting, address owner, uint256 amount, uint256 cliff, uint256 duration) private {
        vesting.release(address(token));
        uint256 passed = block.timestamp - START;
        uint256 due = passed < cliff ? 0 : passed >= duration ? amount : (amount * passed) / duration;
        assertEq(token.balanceOf(owner), due, "released");
    }
}
