using System.Collections.Immutable;

namespace Aegis;

/// <summary>
/// What the last texts that a user typed had of an attack. It begins with one that had something, and goes when all that had have been followed by
/// enough that have nothing, or after a time of silence. A text counts once, however often it comes back.
/// </summary>
/// <param name="Marks">Oldest first.</param>
/// <param name="ExpiresTicks">When the silence has lasted long enough, in UTC ticks.</param>
internal sealed record RiskTrail(ImmutableArray<RiskMark> Marks, long ExpiresTicks)
{
    /// <summary>Texts, at most.</summary>
    public const int MaxLength = 16;

    /// <summary>Adds a text.</summary>
    /// <param name="trail">What is remembered; null: nothing.</param>
    /// <param name="mark">The text.</param>
    /// <param name="now">The time.</param>
    /// <param name="expires">How long it is remembered.</param>
    /// <returns>What is remembered then, and how many of the marks are of texts up to this one; <paramref name="trail"/> itself when nothing has changed.</returns>
    public static (RiskTrail? Trail, int Length) Add(RiskTrail? trail, RiskMark mark, DateTimeOffset now, TimeSpan expires)
    {
        var known = trail is not null && !trail.IsOver(now) ? trail.Marks : [];
        for (var i = 0; i < known.Length; i++)
        {
            if (known[i].IsSameText(mark))
            {
                return (known[i].Level >= mark.Level ? trail : trail! with { Marks = known.SetItem(i, mark) }, i + 1);
            }
        }

        var marks = known.Add(mark);
        var first = Math.Max(0, marks.Length - MaxLength);
        while (first < marks.Length && marks[first].Level == 0)
        {
            first++;
        }

        // A clock that jumps back forgets nothing sooner.
        return first == marks.Length ? (null, 0)
            : (new(marks.RemoveRange(0, first), Math.Max(trail?.ExpiresTicks ?? 0, (now + expires).UtcTicks)), marks.Length - first);
    }

    /// <summary>What two say together: what only the second knows came last. Where they are too many the oldest go that have least of an attack.</summary>
    public static RiskTrail? Both(RiskTrail? first, RiskTrail? second)
    {
        if (first is null || second is null || ReferenceEquals(first, second))
        {
            return first ?? second;
        }

        var marks = first.Marks;
        foreach (var mark in second.Marks)
        {
            var i = 0;
            while (i < marks.Length && !marks[i].IsSameText(mark))
            {
                i++;
            }

            marks = i == marks.Length ? marks.Add(mark) : marks[i].Level < mark.Level ? marks.SetItem(i, mark) : marks;
        }

        while (marks.Length > MaxLength)
        {
            marks = marks.RemoveAt(marks.IndexOf(marks.MinBy(static mark => mark.Level)));
        }

        while (marks.Length > 0 && marks[0].Level == 0)
        {
            marks = marks.RemoveAt(0);   // it begins with one that had something
        }

        return marks.IsEmpty ? null : new(marks, Math.Max(first.ExpiresTicks, second.ExpiresTicks));
    }

    /// <summary>Whether it no longer counts.</summary>
    public bool IsOver(DateTimeOffset now) => ExpiresTicks <= now.UtcTicks;

    public bool Equals(RiskTrail? other) => other is not null && ExpiresTicks == other.ExpiresTicks && Marks.AsSpan().SequenceEqual(other.Marks.AsSpan());

    public override int GetHashCode() => HashCode.Combine(ExpiresTicks, Marks.Length, Marks[^1]);
}
