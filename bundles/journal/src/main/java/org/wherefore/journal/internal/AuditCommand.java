package org.wherefore.journal.internal;

import java.util.List;
import java.util.function.Function;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Audit;

/** {@code wherefore audit verify}: reads the whole trail of a home, running or not. Exit code 3 when the chain is broken. One thread. */
@Component(service = Function.class, property = {"wherefore.command=audit", "wherefore.command.help=verify [--home DIR]"})
public class AuditCommand implements Function<List<String>, Integer> {
    private final Audit audit;

    @Activate
    public AuditCommand(@Reference Audit audit) {
        this.audit = audit;
    }

    @Override
    public Integer apply(List<String> args) {
        if (!args.equals(List.of("verify"))) {
            System.err.println("wherefore: usage: wherefore audit verify [--home DIR]");
            return 2;
        }
        try {
            Audit.Check check = audit.verify();
            if (check.broken() != null) {
                System.err.println("wherefore: the audit trail is broken after " + check.entries() + " whole entries: " + check.broken());
                return 3;
            }
            System.out.println("the audit trail is whole: " + check.entries() + " entries, head " + check.head());
            return 0;
        } catch (WhereforeException e) {
            System.err.println("wherefore: " + e.getMessage());
            return 1;
        }
    }
}
