package org.wherefore.domain.ecommerce.internal;

import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.tck.DomainPackContract;

class EcommercePackContractTest extends DomainPackContract {
    @Override
    protected DomainPack pack() {
        return new EcommercePack();
    }
}
