import {
  AccountError,
  type Address,
  type Signer,
  type SigningRequest,
  ZERO_ADDRESS,
} from "@shoal/chain";

/**
 * The account that trades, for as long as there is one that may sign. A session's trading is made before anybody has
 * unlocked a wallet, or made one.
 */
export class AccountSlot implements Signer {
  #address: Address = ZERO_ADDRESS;
  #signer: Signer | null = null;

  /** The zero address while no account is set. */
  get address(): Address {
    return this.#address;
  }

  get isSet(): boolean {
    return this.#address !== ZERO_ADDRESS;
  }

  get canSign(): boolean {
    return this.#signer !== null;
  }

  /** Whose trades they are. @throws {TypeError} once another account is set: its channels would be mixed up. */
  set(address: Address): void {
    if (this.isSet && this.#address !== address) {
      throw new TypeError("Expected the account that trades already.");
    }
    this.#address = address;
  }

  /** @param signer Null once it may not sign any more. */
  use(signer: Signer | null): void {
    if (signer !== null) this.set(signer.address);
    this.#signer = signer;
  }

  /** @throws {AccountError} `locked`. */
  async sign(request: SigningRequest): ReturnType<Signer["sign"]> {
    if (this.#signer === null) {
      throw new AccountError("locked", "The wallet that trades is locked: unlock it first.");
    }
    return await this.#signer.sign(request);
  }
}
