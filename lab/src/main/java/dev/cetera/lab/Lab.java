package dev.cetera.lab;

import dev.cetera.lab.campaign.CampaignCommand;
import dev.cetera.lab.fuzz.FuzzCommand;
import dev.cetera.lab.load.Bench;
import dev.cetera.lab.load.Footprint;
import dev.cetera.lab.load.Idle;
import dev.cetera.lab.load.Pauses;
import dev.cetera.lab.micro.MicroCommand;
import dev.cetera.lab.mutation.MutationsCommand;
import dev.cetera.lab.sim.SimCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `bin/lab`: experiments with running servers.
@Command(
        name = "lab",
        description = "Experiments with running servers.",
        mixinStandardHelpOptions = true,
        version = "Cetera lab 0.1.0",
        subcommands = {
            Bench.class,
            CampaignCommand.class,
            Footprint.class,
            FuzzCommand.class,
            Idle.class,
            MicroCommand.class,
            MutationsCommand.class,
            Pauses.class,
            SimCommand.class
        },
        synopsisSubcommandLabel = "COMMAND")
public final class Lab {
    private Lab() {}

    static void main(String[] arguments) {
        var line = new CommandLine(new Lab());
        // One line that names the option and what was expected; the whole help only for those who ask.
        line.setParameterExceptionHandler((problem, _) -> {
            var err = problem.getCommandLine().getErr();
            err.println(problem.getMessage());
            err.println("See '" + problem.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
            return CommandLine.ExitCode.USAGE;
        });
        System.exit(line.execute(arguments));
    }
}
