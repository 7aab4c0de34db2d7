namespace Aegis.Replaying;

/// <summary>Something had thrown when it was asked.</summary>
/// <param name="name">Name of the exception's type then.</param>
internal sealed class ReplayedException(string name) : Exception("What was asked then has failed.")
{
    public string Name => name;

    /// <summary>Name of an exception's type, also of one that is replayed.</summary>
    public static string NameOf(Exception e) => e is ReplayedException replayed ? replayed.Name : e.GetType().Name;
}
