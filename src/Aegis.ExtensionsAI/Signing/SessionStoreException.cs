namespace Aegis.ExtensionsAI;

/// <summary>The store of the sessions has not answered, or has thrown.</summary>
internal sealed class SessionStoreException(Exception inner) : Exception("The store of the sessions has not answered.", inner);
