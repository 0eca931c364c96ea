package org.wherefore.domain.fraud.internal;

import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.tck.DomainPackContract;

class FraudPackContractTest extends DomainPackContract {
    @Override
    protected DomainPack pack() {
        return new FraudPack();
    }
}
