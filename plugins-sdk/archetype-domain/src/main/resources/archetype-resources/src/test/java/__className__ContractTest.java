package ${package};

import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.tck.DomainPackContract;

/** The rules that every pack keeps; the plugin is ready when they pass. */
class ${className}ContractTest extends DomainPackContract {
    @Override
    protected DomainPack pack() {
        return new ${className}();
    }
}
