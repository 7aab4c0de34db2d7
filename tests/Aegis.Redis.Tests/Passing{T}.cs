using System.Reflection;

namespace Aegis.Redis.Tests;

/// <summary>An interface of somebody else's whose calls go through a test.</summary>
internal class Passing<T> : DispatchProxy
    where T : class
{
    private T? _inner;
    private Func<string, Func<object?>, object?>? _call;

    /// <summary>The same with every call given to a test: its name, and what makes it.</summary>
    public static T Of(T inner, Func<string, Func<object?>, object?> call)
    {
        var made = Create<T, Passing<T>>();
        var passing = (Passing<T>)(object)made;
        (passing._inner, passing._call) = (inner, call);
        return made;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _call!(targetMethod!.Name, () => targetMethod.Invoke(_inner, args));
}
