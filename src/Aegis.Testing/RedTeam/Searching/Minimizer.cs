using System.Text.Json.Nodes;

namespace Aegis.Testing.RedTeaming;

/// <summary>
/// Makes what got through smaller, for as long as it still gets through: fewer changes, fewer turns, no dressing, fewer steps, fewer arguments. The order itself
/// is left as it is: without its words it is another attack. What is left is minimal: nothing more can be taken away alone.
/// </summary>
/// <param name="succeeds">Whether a try gets through.</param>
/// <param name="most">Tries, at most: what is left then stays.</param>
internal sealed class Minimizer(Func<Attempt, Task<bool>> succeeds, int most)
{
    private const int MostOthers = 40;

    private int _tries;

    /// <param name="attempt">What got through.</param>
    /// <param name="origin">The case as it stands in its suite.</param>
    public async Task<Attempt> ShrinkAsync(Attempt attempt, RedTeamCase origin)
    {
        if (origin.Goal is { Meter: AttackMeter.Runs, Harm: RedTeamHarm.Overrun })
        {
            return attempt;   // it is its length that counts
        }

        if (attempt.Mutators.Count > 1)
        {
            attempt = await WithFewerChangesAsync(attempt, origin);
        }

        attempt = await WithLessAsync(attempt);
        foreach (var other in Shorter(attempt, origin))
        {
            if (await TryAsync(other))
            {
                return await WithLessAsync(other);
            }
        }

        return attempt;
    }

    /// <summary>Other changes to what is left, each alone, that would make it shorter: the shortest first.</summary>
    private static IEnumerable<Attempt> Shorter(Attempt attempt, RedTeamCase origin)
    {
        var bare = Attempt.Of(origin with { Attack = origin.Attack?.Bare(), Steps = [.. origin.Steps.Select(step => Kept(step, attempt))] });
        return attempt.Mutators.Count == 0 ? [] : Mutators.All.Select(mutator => mutator.Apply(bare, 0)).OfType<Attempt>().Where(other => other.Length < attempt.Length).OrderBy(static other => other.Length).Take(MostOthers);
    }

    /// <summary>The step with the arguments that were needed.</summary>
    private static AttackStep Kept(AttackStep step, Attempt attempt) =>
        step.Arguments is { } arguments && attempt.Case.Steps.FirstOrDefault(kept => kept.Call == step.Call)?.Arguments is { } needed
            ? step with { Arguments = new(arguments.Where(member => needed.ContainsKey(member.Key)).Select(static member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))) }
            : step;

    private async Task<Attempt> WithLessAsync(Attempt attempt)
    {
        for (var before = int.MaxValue; attempt.Length + attempt.Case.Turns.Count < before && _tries < most;)
        {
            before = attempt.Length + attempt.Case.Turns.Count;
            foreach (var smaller in new[] { Whole, Bare, Turns, Steps, Times, Arguments, Dressing })
            {
                attempt = await TakeAwayAsync(attempt, smaller);
            }
        }

        return attempt;
    }

    /// <summary>One change alone, if that is enough.</summary>
    private async Task<Attempt> WithFewerChangesAsync(Attempt attempt, RedTeamCase origin)
    {
        foreach (var name in attempt.Mutators)
        {
            for (var seed = 0; seed < 2; seed++)
            {
                if (Mutators.All.FirstOrDefault(known => string.Equals(known.Name, name, StringComparison.Ordinal))?.Apply(Attempt.Of(origin), seed) is { } single && await TryAsync(single))
                {
                    return single;
                }
            }
        }

        return attempt;
    }

    /// <summary>Takes every smaller form that still gets through, from the first to the last.</summary>
    private async Task<Attempt> TakeAwayAsync(Attempt attempt, Func<Attempt, IEnumerable<Attempt>> smaller)
    {
        for (var again = true; again;)
        {
            again = false;
            foreach (var candidate in smaller(attempt))
            {
                if (await TryAsync(candidate))
                {
                    (attempt, again) = (candidate, true);
                    break;
                }
            }
        }

        return attempt;
    }

    private async Task<bool> TryAsync(Attempt attempt) => _tries++ < most && await succeeds(attempt);

    private static IEnumerable<Attempt> Whole(Attempt attempt) => attempt.Pieces > 0 ? [attempt with { Pieces = 0, Mutators = [.. attempt.Mutators.Where(static name => !name.StartsWith("stream-", StringComparison.Ordinal))] }] : [];

    private static IEnumerable<Attempt> Bare(Attempt attempt) => attempt.Case.Attack is { } attack && attack.Bare() is var bare && bare.Length < attack.Length ? [attempt.With(attempt.Case with { Attack = bare })] : [];

    private static IEnumerable<Attempt> Turns(Attempt attempt) =>
        from at in Enumerable.Range(0, attempt.Case.Turns.Count)
        where attempt.Case.Turns.Count > 1 && !attempt.Case.Turns[at].Contains(RedTeamCase.AttackPlaceholder, StringComparison.Ordinal)
        select attempt.With(attempt.Case with { Turns = [.. attempt.Case.Turns.Where((_, i) => i != at)] });

    private static IEnumerable<Attempt> Steps(Attempt attempt) =>
        from at in Enumerable.Range(0, attempt.Case.Steps.Count)
        where attempt.Case.Steps.Count > 1 && !attempt.Case.IsWhole
        select attempt.With(attempt.Case with { Steps = [.. attempt.Case.Steps.Where((_, i) => i != at)] });

    private static IEnumerable<Attempt> Times(Attempt attempt) =>
        from at in Enumerable.Range(0, attempt.Case.Steps.Count)
        let times = attempt.Case.Steps[at].Times
        from fewer in new[] { times / 2, times * 3 / 4, times - 1 }.Distinct()
        where fewer >= 1 && fewer < times && !attempt.Case.IsWhole
        select attempt.With(attempt.Case with { Steps = [.. attempt.Case.Steps.Select((step, i) => i == at ? step with { Times = fewer } : step)] });

    private static IEnumerable<Attempt> Arguments(Attempt attempt) =>
        from at in Enumerable.Range(0, attempt.Case.Steps.Count)
        where attempt.Case.Steps[at].Arguments is { Count: > 1 }
        from name in attempt.Case.Steps[at].Arguments!.Select(static member => member.Key)
        select attempt.With(attempt.Case with { Steps = [.. attempt.Case.Steps.Select((step, i) => i == at ? step with { Arguments = Without(step.Arguments!, name) } : step)] });

    private static JsonObject Without(JsonObject arguments, string name)
    {
        var fewer = (JsonObject)arguments.DeepClone();
        fewer.Remove(name);
        return fewer;
    }

    /// <summary>Each piece of dressing away, then halves of it.</summary>
    private static IEnumerable<Attempt> Dressing(Attempt attempt)
    {
        if (attempt.Case.Attack is not { } attack)
        {
            yield break;
        }

        for (var part = 0; part < attack.Parts.Count; part++)
        {
            for (var at = 0; at < attack.Parts[part].Count; at++)
            {
                var segment = attack.Parts[part][at];
                if (segment.IsOrder)
                {
                    continue;
                }

                foreach (var text in new[] { "", segment.Text[..(segment.Text.Length / 2)], segment.Text[(segment.Text.Length / 2)..], segment.Text[1..], segment.Text[..^1] }.Distinct(StringComparer.Ordinal))
                {
                    yield return attempt.With(attempt.Case with { Attack = With(attack, part, at, text) });
                }
            }
        }
    }

    private static AttackText With(AttackText attack, int part, int at, string text) => new(
    [
        .. attack.Parts.Select((segments, p) => p != part ? segments : (IReadOnlyList<AttackSegment>)[.. segments.Select((segment, i) => i == at ? segment with { Text = text } : segment).Where(static segment => segment.Text.Length > 0)]),
    ]);
}
