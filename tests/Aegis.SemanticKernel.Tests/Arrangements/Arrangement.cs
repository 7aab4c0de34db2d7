namespace Aegis.SemanticKernel.Tests.Arrangements;

/// <summary>One way to use Aegis in a kernel.</summary>
public sealed record Arrangement(Place Place, bool Streaming, bool Concurrent)
{
    public static IEnumerable<Arrangement> All { get; } =
        from place in Enum.GetValues<Place>()
        from streaming in new[] { false, true }
        from concurrent in new[] { false, true }
        where !(place == Place.Manual && concurrent)
        select new Arrangement(place, streaming, concurrent);

    /// <summary>Whether a layer sees each model step, and not only calls.</summary>
    public bool SeesSteps => Place is Place.Services or Place.Manual or Place.ClientInside or Place.ClientOutside;

    /// <summary>Whether a layer stands before the service.</summary>
    public bool SeesRequests => Place != Place.Filters;

    public override string ToString() => $"{Place}{(Streaming ? " streaming" : "")}{(Concurrent ? " concurrent" : "")}";
}
