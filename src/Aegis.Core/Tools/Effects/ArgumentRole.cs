namespace Aegis.Tools.Effects;

/// <summary>What an argument decides.</summary>
internal enum ArgumentRole
{
    /// <summary>When, how much, in which form: harmless by itself.</summary>
    Plain,

    /// <summary>What is said or written.</summary>
    Content,

    /// <summary>Which object, by an id that the app gave it.</summary>
    Id,

    /// <summary>Which object, by its name.</summary>
    Name,

    /// <summary>A file or folder.</summary>
    Path,

    /// <summary>People and accounts that get something or may do something.</summary>
    Recipient,

    /// <summary>An account that gets money.</summary>
    Account,

    /// <summary>A machine, a page, a service.</summary>
    Host,

    /// <summary>A channel or group that many read.</summary>
    Channel,

    /// <summary>A program or service that gets access.</summary>
    App,
}
