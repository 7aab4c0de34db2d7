using System.CommandLine;
using Aegis.Cli.BossBattle;
using Spectre.Console;

namespace Aegis.Cli;

/// <summary><c>aegis boss-battle</c>: a game against guarded agents, offline.</summary>
internal static class BossBattleCommand
{
    public static Command Create(IAnsiConsole console, TextWriter error)
    {
        var tier = new Option<int>("--tier") { Description = FormattableString.Invariant($"The tier to begin with, 1 to {BattleBook.Default.Tiers.Count}."), DefaultValueFactory = static _ => 1 };
        tier.Validators.Add(static words =>
        {
            if (words.Tokens is [var token] && (!int.TryParse(token.Value, out var number) || number < 1 || number > BattleBook.Default.Tiers.Count))
            {
                words.AddError(FormattableString.Invariant($"There is no tier '{token.Value}'. There are 1 to {BattleBook.Default.Tiers.Count}."));
            }
        });
        var policy = new Option<string?>("--policy") { Description = "A policy file, or the name of a preset, that guards every tier; else each tier has its own." };
        var seed = new Option<int>("--seed") { Description = "What the agents know: the same seed, the same words.", DefaultValueFactory = static _ => 1 };
        var command = new Command("boss-battle", "A game: five agents behind guards, from weak to strict, and the orders that you bring past them. The input is read line by line; no model is asked, nothing is sent. Ends with 0: played to the end, or left; 2: wrong words or policy; 3: the tool failed.") { tier, policy, seed };
        command.SetAction(async (words, cancellationToken) =>
        {
            var own = words.GetValue(policy) is { } name ? CommandLine.PolicyToRun(name, error) : null;
            await new BattleGame(BattleBook.Default, own, words.GetValue(seed), Console.In, BattleScreen.Of(console)).PlayAsync(words.GetValue(tier), cancellationToken);
            return ExitCode.Clean;
        });
        return command;
    }
}
