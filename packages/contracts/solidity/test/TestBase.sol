// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// @title What all tests stand on.
/// @notice Contracts under test are deployed from the committed artifacts, which the runner hands over in the environment:
/// what is tested is what is deployed, to the byte.
abstract contract TestBase {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @dev Order of secp256k1, for signatures of the other s.
    uint256 internal constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    error NotEqual(string what, uint256 left, uint256 right);
    error NotAtMost(string what, uint256 left, uint256 right);
    error NotTrue(string what);

    function deploy(string memory name, bytes memory arguments) internal returns (address deployed) {
        bytes memory code = abi.encodePacked(vm.envBytes(string.concat("SHOAL_BYTECODE_", name)), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 32), mload(code))
            if iszero(deployed) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }

    /// @dev A `BTT` whose whole supply is `holder`'s.
    function deployBtt(address holder) internal returns (address) {
        address[] memory recipients = new address[](1);
        uint256[] memory amounts = new uint256[](1);
        recipients[0] = holder;
        amounts[0] = 10_000_000_000e18;
        return deploy("BTT", abi.encode(recipients, amounts));
    }

    /// @dev A signature in ERC-2098's two words.
    function signCompact(uint256 privateKey, bytes32 digest) internal pure returns (bytes32 r, bytes32 vs) {
        uint8 v;
        bytes32 s;
        (v, r, s) = vm.sign(privateKey, digest);
        vs = bytes32(uint256(s) | (uint256(v - 27) << 255));
    }

    function bound(uint256 value, uint256 minimum, uint256 maximum) internal pure returns (uint256) {
        uint256 size = maximum - minimum;
        return size == type(uint256).max ? value : minimum + value % (size + 1);
    }

    function assertEq(uint256 left, uint256 right, string memory what) internal pure {
        if (left != right) revert NotEqual(what, left, right);
    }

    function assertAtMost(uint256 left, uint256 right, string memory what) internal pure {
        if (left > right) revert NotAtMost(what, left, right);
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }
}
