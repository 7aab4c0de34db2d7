using System.Collections;
using System.Runtime.CompilerServices;

namespace Aegis.Testing;

/// <summary>Expectations of the checks, in the words of test frameworks, which this project does not depend on.</summary>
internal static class Expect
{
    public static void True(bool holds, string sentence)
    {
        if (!holds)
        {
            throw new ConformanceException(sentence);
        }
    }

    public static void False(bool holds, string sentence) => True(!holds, sentence);

    public static void Equal<T>(IReadOnlyList<T> expected, IEnumerable<T> actual, [CallerArgumentExpression(nameof(actual))] string? what = null) => Equal<IEnumerable<T>>(expected, actual, what);

    public static void Equal(string expected, string? actual, [CallerArgumentExpression(nameof(actual))] string? what = null) => True(string.Equals(expected, actual, StringComparison.Ordinal), $"{what}: expected '{expected}', got '{actual}'");

    /// <summary>Of collections, the items count.</summary>
    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string? what = null)
    {
        if (expected is IEnumerable wanted && actual is IEnumerable got)
        {
            var (left, right) = (wanted.Cast<object?>().ToList(), got.Cast<object?>().ToList());
            True(left.SequenceEqual(right), $"{what}: expected {Shown(left)}, got {Shown(right)}");
            return;
        }

        True(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: expected {expected}, got {actual}");
    }

    public static void NotEqual<T>(T unwanted, T actual, [CallerArgumentExpression(nameof(actual))] string? what = null) => True(!EqualityComparer<T>.Default.Equals(unwanted, actual), $"{what}: is {actual}");

    public static void Same(object expected, object? actual, [CallerArgumentExpression(nameof(actual))] string? what = null) => True(ReferenceEquals(expected, actual), $"{what}: is another object");

    public static void Null(object? actual, [CallerArgumentExpression(nameof(actual))] string? what = null) => True(actual is null, $"{what}: is there");

    public static void Empty(IEnumerable actual, [CallerArgumentExpression(nameof(actual))] string? what = null)
    {
        var seen = actual.Cast<object?>().ToList();
        True(seen.Count == 0, $"{what}: expected nothing, got {Shown(seen)}");
    }

    public static void NotEmpty(IEnumerable actual, [CallerArgumentExpression(nameof(actual))] string? what = null) => True(actual.Cast<object?>().Any(), $"{what}: is empty");

    public static void InRange(int actual, int low, int high, [CallerArgumentExpression(nameof(actual))] string? what = null) => True(actual >= low && actual <= high, $"{what}: expected {low} to {high}, got {actual}");

    public static void Contains<T>(T expected, IEnumerable<T> actual, [CallerArgumentExpression(nameof(actual))] string? what = null) => True(actual.Contains(expected), $"{what}: lacks {expected}");

    public static void Contains(string expected, string? actual, StringComparison comparison, [CallerArgumentExpression(nameof(actual))] string? what = null) => True(actual?.Contains(expected, comparison) == true, $"{what}: lacks '{expected}'");

    public static void DoesNotContain<T>(T unwanted, IEnumerable<T> actual, [CallerArgumentExpression(nameof(actual))] string? what = null) => True(!actual.Contains(unwanted), $"{what}: has {unwanted}");

    public static void DoesNotContain<T>(IEnumerable<T> actual, Predicate<T> unwanted, [CallerArgumentExpression(nameof(unwanted))] string? what = null) => True(!actual.Any(item => unwanted(item)), $"there is one with {what}");

    public static void DoesNotContain(string unwanted, string? actual, StringComparison comparison, [CallerArgumentExpression(nameof(actual))] string? what = null) => True(actual?.Contains(unwanted, comparison) != true, $"{what}: has '{unwanted}'");

    public static void StartsWith(string expected, string? actual, StringComparison comparison, [CallerArgumentExpression(nameof(actual))] string? what = null) => True(actual?.StartsWith(expected, comparison) == true, $"{what}: does not begin with '{expected}'");

    public static void All<T>(IEnumerable<T> items, Action<T> check)
    {
        foreach (var item in items)
        {
            check(item);
        }
    }

    public static T IsType<T>(object? actual, [CallerArgumentExpression(nameof(actual))] string? what = null)
    {
        True(actual is T, $"{what}: expected {typeof(T).Name}, got {actual?.GetType().Name ?? "nothing"}");
        return (T)actual!;
    }

    public static void IsNotType<T>(object? actual, [CallerArgumentExpression(nameof(actual))] string? what = null) => True(actual is not T, $"{what}: is a {typeof(T).Name}");

    private static string Shown<T>(IEnumerable<T> items) => $"[{string.Join(", ", items)}]";
}
