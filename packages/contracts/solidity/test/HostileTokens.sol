// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @dev Says `false` instead of reverting when a transfer fails, as some tokens do.
contract FalseReturnToken {
    mapping(address account => uint256) public balanceOf;
    bool public isBroken;

    function mint(address to, uint256 value) external {
        balanceOf[to] += value;
    }

    function setBroken(bool isBroken_) external {
        isBroken = isBroken_;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        return move(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        return move(from, to, value);
    }

    function move(address from, address to, uint256 value) private returns (bool) {
        if (isBroken || balanceOf[from] < value) return false;
        balanceOf[from] -= value;
        balanceOf[to] += value;
        return true;
    }
}

/// @dev Keeps a hundredth of every transfer.
contract FeeToken is ERC20("Fee", "FEE") {
    constructor(address holder) {
        _mint(holder, 1e30);
    }

    function _update(address from, address to, uint256 value) internal override {
        bool isTransfer = from != address(0) && to != address(0);
        if (isTransfer) super._update(from, address(0), value / 100);
        super._update(from, to, isTransfer ? value - value / 100 : value);
    }
}

/// @dev A dollar of 6 decimals.
contract DollarToken is ERC20("Dollar", "USD") {
    constructor(address holder) {
        _mint(holder, 1e30);
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }
}

/// @dev Calls back whom it is told to whenever it gets coins.
contract ReentrantReceiver {
    address public target;
    bytes public call;
    bool public didEnter;
    bool public hasRevertedInside;

    function arm(address target_, bytes calldata call_) external {
        (target, call) = (target_, call_);
    }

    function execute(address to, uint256 value, bytes calldata data) external payable returns (bytes memory) {
        (bool succeeded, bytes memory result) = to.call{value: value}(data);
        if (!succeeded) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
        return result;
    }

    receive() external payable {
        if (target == address(0)) return;
        didEnter = true;
        address callee = target;
        target = address(0);
        (bool succeeded,) = callee.call(call);
        hasRevertedInside = !succeeded;
    }
}

/// @dev Takes no coins.
contract RefusingReceiver {
    function execute(address to, bytes calldata data) external payable {
        (bool succeeded,) = to.call{value: msg.value}(data);
        require(succeeded);
    }
}
