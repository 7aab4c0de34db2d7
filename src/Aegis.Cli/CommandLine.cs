using System.CommandLine;
using Aegis.Cli.Audit;
using Aegis.Policies;
using Spectre.Console;

namespace Aegis.Cli;

/// <summary>The commands, their exit codes, and where they write.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command.</summary>
    /// <param name="args">The words.</param>
    /// <param name="output">Results.</param>
    /// <param name="error">What went wrong.</param>
    /// <returns>See <see cref="ExitCode"/>.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        var isTerminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(output), Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No });
        if (!isTerminal)
        {
            console.Profile.Width = int.MaxValue / 2;   // a pipe has no edge
        }

        var root = new RootCommand("Guards LLM agents: check, explain and compare policies, scan texts, stream and redact answers, prove rules, replay attacks, verify audit logs.")
        {
            PolicyCommands.Create(console, output, error),
            ScanCommand.Create(console, output, error),
            StreamCommand.Create(output, error),
            RedactCommand.Create(output, error),
            RulesCommands.Create(output, error),
            AgentReplayCommand.Create(output, error),
            RedTeamCommand.Create(console, output, error),
            BossBattleCommand.Create(console, error),
            PromptfooCommands.Create(output, error),
            RedTeamLiveCommand.Create(output, error),
            AuditCommands.Create(console, output, error),
            SecretCommands.Key(output),
            SecretCommands.Canary(output),
        };
        try
        {
            var words = root.Parse(args);
            IReadOnlyList<string> mistakes = UnknownOption.In(words) is { } unknown ? [unknown] : [.. words.Errors.Select(static mistake => mistake.Message)];
            if (mistakes.Count > 0)
            {
                foreach (var mistake in mistakes)
                {
                    error.WriteLine(mistake);
                }

                error.WriteLine("See: aegis --help");
                return ExitCode.Usage;
            }

            return words.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (PolicyException e)
        {
            foreach (var mistake in e.Errors)
            {
                error.WriteLine(mistake);
            }

            return ExitCode.Usage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or FormatException)
        {
            error.WriteLine(e.Message);
            return ExitCode.Usage;
        }
        catch (Exception e)
        {
            error.WriteLine($"aegis failed: {e.GetType().Name}");
            return ExitCode.Internal;
        }
    }

    /// <summary>A preset by its name, else a file, to be run here, where no model is: its judge and its sandbox are not asked, and that is said. Nothing is recorded of what is tried out, and nobody is told.</summary>
    /// <exception cref="FormatException">It is a rule pack.</exception>
    public static AegisPolicy PolicyToRun(string nameOrFile, TextWriter error)
    {
        var policy = Policy(nameOrFile);
        if (policy.Judge is not null)
        {
            error.WriteLine($"{nameOrFile}: the judge of the policy is not asked here: there is no model.");
        }

        if (policy.Sandbox is not null)
        {
            error.WriteLine($"{nameOrFile}: the sandbox of the policy is not asked here: there is no model.");
        }

        return policy with { Judge = null, Sandbox = null, Audit = null, Alerting = null };
    }

    /// <summary>A preset by its name, else a file.</summary>
    /// <exception cref="FormatException">It is a rule pack.</exception>
    public static AegisPolicy Policy(string nameOrFile) =>
        nameOrFile.EndsWith(".rules.json", StringComparison.OrdinalIgnoreCase) ? throw new FormatException($"{nameOrFile}: is a rule pack, not a policy. Give it to 'aegis rules check', or to 'aegis scan' as --rules.")
        : Presets.Names.Contains(nameOrFile, StringComparer.Ordinal) || (!Path.HasExtension(nameOrFile) && !File.Exists(nameOrFile)) ? AegisPolicy.Preset(nameOrFile) : AegisPolicy.Load(nameOrFile);
}
