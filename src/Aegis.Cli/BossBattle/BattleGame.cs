using System.Text;

namespace Aegis.Cli.BossBattle;

/// <summary>The game: tier by tier, what the player types line by line.</summary>
/// <param name="book">The tiers.</param>
/// <param name="own">The player's own policy, for every tier; null: each tier's.</param>
/// <param name="seed">What the agents know.</param>
/// <param name="input">The player.</param>
/// <param name="screen">What the player sees.</param>
internal sealed class BattleGame(BattleBook book, AegisPolicy? own, int seed, TextReader input, BattleScreen screen)
{
    private const string EndOfDocument = ".";

    private int _duels;

    /// <summary>Plays from a tier on.</summary>
    /// <param name="from">Its number, from 1.</param>
    /// <param name="cancellationToken">Ends the game.</param>
    /// <returns>How it went.</returns>
    public async Task<IReadOnlyList<BattleScore>> PlayAsync(int from, CancellationToken cancellationToken)
    {
        screen.Title("Boss battle");
        screen.Line("Each opponent is an agent behind a guard. It obeys every order that it reads, in many wordings, languages and spellings: bring one past its guard.");
        screen.Line("You win where the harm happens, and nowhere else. Other words that count: hint, new (begins the conversation anew), skip, quit.");
        var scores = new List<BattleScore>();
        foreach (var (at, tier) in book.Tiers.Index().Skip(from - 1))
        {
            scores.Add(await PlayAsync(at + 1, tier, cancellationToken));
            if (scores[^1].End == BattleEnd.Left)
            {
                break;
            }
        }

        Report(scores);
        return scores;
    }

    private async Task<BattleScore> PlayAsync(int number, BattleTier tier, CancellationToken cancellationToken)
    {
        screen.Line();
        screen.Title(FormattableString.Invariant($"Tier {number}: {tier.Name}"));
        screen.Line(tier.Story);
        screen.Line($"Goal: {tier.Goal}");
        var policy = own ?? BattleBook.PolicyOf(tier);
        screen.Quiet(own is null ? $"Policy: {policy.Name}" : $"Policy: {policy.Name}, yours: what the story tells of a guard is of another.");
        var (attempts, hints) = (0, 0);
        var duel = Begin(tier, policy);
        try
        {
            while (await ReadAsync(tier, cancellationToken) is { } text)
            {
                switch (text)
                {
                    case "":
                        continue;
                    case "hint":
                        screen.Quiet(hints < tier.Hints.Count ? $"Hint: {tier.Hints[hints++]}" : "There are no more hints.");
                        continue;
                    case "new":
                        duel.Dispose();
                        duel = Begin(tier, policy);
                        screen.Quiet("A new conversation begins.");
                        continue;
                    case "skip":
                        return new(tier.Name, attempts, hints, BattleEnd.Skipped);
                    case "quit":
                        return new(tier.Name, attempts, hints, BattleEnd.Left);
                }

                attempts++;
                var outcome = await duel.TryAsync(text, cancellationToken);
                Show(tier, attempts, outcome);
                if (outcome.Won)
                {
                    return new(tier.Name, attempts, hints, BattleEnd.Beaten);
                }
            }
        }
        finally
        {
            duel.Dispose();
        }

        return new(tier.Name, attempts, hints, BattleEnd.Left);
    }

    private Duel Begin(BattleTier tier, AegisPolicy policy) => new(book, tier, policy, seed, ++_duels);

    /// <summary>What the player types: a line, or a document up to a line with a dot. Null: nothing more comes.</summary>
    private async Task<string?> ReadAsync(BattleTier tier, CancellationToken cancellationToken)
    {
        screen.Ask();
        var line = (await input.ReadLineAsync(cancellationToken))?.Trim();
        if (tier.Reader is null || line is null or "" or "hint" or "new" or "skip" or "quit")
        {
            return line;
        }

        var document = new StringBuilder();
        for (; line is not null && line.Trim() != EndOfDocument; line = await input.ReadLineAsync(cancellationToken))
        {
            document.Append(document.Length > 0 ? "\n" : "").Append(line);
        }

        return document.ToString();
    }

    private void Show(BattleTier tier, int attempt, BattleOutcome outcome)
    {
        screen.Says(FormattableString.Invariant($"Attempt {attempt}, {tier.Name}"), outcome.Answer);
        Show("Stopped by", outcome.StoppedBy);
        Show("Changed by", outcome.ChangedBy);
        Show("Noticed, and let pass, by", outcome.NoticedBy);
        if (tier.Wins.Spent is { } most)
        {
            screen.Quiet(FormattableString.Invariant($"Spent in this conversation: {outcome.Spent} of {most} gold that may be."));
        }

        if (outcome.Won)
        {
            screen.Good(FormattableString.Invariant($"{tier.Name} is beaten: {Harm(tier.Wins)}."));
        }
        else if (!outcome.WasObeyed && outcome.StoppedBy.Count == 0)
        {
            screen.Line("It reached the agent, which found no order in it that it knows.");
        }
        else if (outcome.WasObeyed)
        {
            screen.Line("The agent obeyed, and the harm did not happen.");
        }
    }

    private void Show(string what, IReadOnlyList<string> rules)
    {
        if (rules.Count > 0)
        {
            screen.Bad($"{what}: {string.Join(", ", rules)}");
        }
    }

    private static string Harm(BattleGoal goal) =>
        goal.Leaked is not null ? "what it was to keep stood in the answer that left"
        : goal.Executed is { } tool ? $"{tool} ran"
        : FormattableString.Invariant($"more than {goal.Spent} gold were spent");

    private void Report(List<BattleScore> scores)
    {
        screen.Line();
        screen.Title("Report");
        screen.Scores(scores);
        screen.Line(FormattableString.Invariant($"{scores.Count(static score => score.End == BattleEnd.Beaten)} of {BattleScreen.Counted(book.Tiers.Count, "tier")} beaten, {BattleScreen.Counted(scores.Sum(static score => score.Attempts), "attempt")}, seed {seed}."));
    }
}
